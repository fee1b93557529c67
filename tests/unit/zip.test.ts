/** The records of a ZIP, judged by unzip where they are large as well as where they are small. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { crc32 } from 'node:zlib'
import {
  type ZipEntry,
  descriptor,
  directory,
  directoryEnd,
  directoryEntry,
  localHeader
} from '../../functions/_shared/rules/zip.ts'

const folder = mkdtempSync(join(tmpdir(), 'portico-zip-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const run = (program: string, ...args: string[]) =>
  spawnSync(program, args, {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, LC_ALL: 'C.UTF-8', TZ: 'UTC' }
  })
const skip = run('unzip', '-v').error ? 'no unzip on this machine' : false

const at = new Date('2026-11-23T10:00:02Z')
const GIB = 1024 ** 3

/** A file as it lies in a ZIP from `offset` on. */
function laid(path: string, text: string, offset: number): { bytes: Buffer; entry: ZipEntry } {
  const data = Buffer.from(text)
  const file = { path, size: data.length, at }
  const crc = crc32(data)
  return {
    bytes: Buffer.concat([localHeader(file), data, descriptor(data.length, crc)]),
    entry: { ...file, crc, offset }
  }
}

test('names in UTF-8, times with their zone, empty files: unzip takes it as it was meant', { skip }, () => {
  const pieces: Buffer[] = []
  const entries: ZipEntry[] = []
  let offset = 0
  for (const [path, text] of [
    ['Größe.txt', 'eins'],
    ['Ordner/😀 leer.txt', ''],
    ['größe.TXT', 'zwei']
  ] as const) {
    const { bytes, entry } = laid(path, text, offset)
    pieces.push(bytes)
    entries.push(entry)
    offset += bytes.length
  }
  writeFileSync(join(folder, 'small.zip'), Buffer.concat([...pieces, directory(entries, offset)]))
  assert.equal(run('unzip', '-tq', 'small.zip').status, 0)
  assert.equal(run('unzip', '-p', 'small.zip', 'größe.TXT').stdout, 'zwei')
  const list = run('unzip', '-Z', '-T', 'small.zip').stdout
  assert.match(list, /20261123\.100002 Größe\.txt/)
  assert.match(list, /😀 leer\.txt/)
})

test('more entries than sixteen bits count', { skip }, () => {
  const pieces: Buffer[] = []
  const entries: ZipEntry[] = []
  let offset = 0
  for (let no = 0; no < 66_000; no += 1) {
    const { bytes, entry } = laid(`${no}.txt`, '', offset)
    pieces.push(bytes)
    entries.push(entry)
    offset += bytes.length
  }
  writeFileSync(join(folder, 'many.zip'), Buffer.concat([...pieces, directory(entries, offset)]))
  assert.match(run('unzip', '-tq', 'many.zip').stdout, /No errors detected/)
  assert.match(run('unzip', '-Z', '-h', 'many.zip').stdout, /number of entries: 66000/)
})

test('a file that begins beyond 4 GiB is found there', { skip }, () => {
  const near = laid('nah.txt', 'nah', 0)
  const far = laid('fern.txt', 'fern', 5 * GIB)
  const file = openSync(join(folder, 'far.zip'), 'w')
  writeSync(file, near.bytes, 0, near.bytes.length, 0)
  writeSync(file, far.bytes, 0, far.bytes.length, far.entry.offset)
  const end = far.entry.offset + far.bytes.length
  const lines = directory([near.entry, far.entry], end)
  writeSync(file, lines, 0, lines.length, end)
  closeSync(file)
  assert.equal(run('unzip', '-tq', 'far.zip').status, 0)
  assert.equal(run('unzip', '-p', 'far.zip', 'fern.txt').stdout, 'fern')
})

test('a file of 5 GiB bears its size in 64 bits before, behind and in the directory', { skip }, () => {
  const large = { path: 'groß.bin', size: 5 * GIB, at }
  const header = localHeader(large)
  assert.equal(header.readUInt32LE(18), 0xffffffff)
  assert.equal(header.indexOf(Buffer.from([1, 0, 16, 0])) > 0, true)
  assert.equal(descriptor(large.size, 7).length, 24)
  assert.equal(descriptor(4 * GIB - 2, 7).length, 16)
  const file = openSync(join(folder, 'large.zip'), 'w')
  writeSync(file, header, 0, header.length, 0)
  const behind = header.length + large.size
  const sums = descriptor(large.size, 7)
  const end = behind + sums.length
  const lines = directory([{ ...large, crc: 7, offset: 0 }], end)
  ftruncateSync(file, end + lines.length)
  writeSync(file, sums, 0, sums.length, behind)
  writeSync(file, lines, 0, lines.length, end)
  closeSync(file)
  assert.match(run('unzip', '-Z', '-l', 'large.zip').stdout, / 5368709120 .* stor .*groß\.bin/)
})

test('what fits stays in the plain form', () => {
  const { entry } = laid('a.txt', 'a', 0)
  assert.equal(directoryEntry(entry).readUInt16LE(6), 20)
  assert.equal(directoryEnd(65_534, 1_000, 1_000).length, 22)
  assert.ok(directoryEnd(65_535, 1_000, 1_000).length > 22)
})
