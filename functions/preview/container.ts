/**
 * Office files of today are ZIP containers. Before anything unpacks one it is looked at how much would come out and how many
 * files (ASVS 5.0, V5.2.3), by what its directory says (APPNOTE 6.3.10, section 4.3.12) and then by what really comes: a
 * directory can lie, and entries can share their bytes.
 */
import { type FileHandle, open } from 'node:fs/promises'
import { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createInflateRaw } from 'node:zlib'
import { InputAway } from '../_shared/parser.ts'
import { PageFailed } from './drawn.ts'

/** Bytes of all files together: what a converter with its bounded memory could still take. */
const MAX_UNPACKED = 256 * 1024 ** 2
const MAX_FILES = 10_000
/** Bytes; of 10,000 long names. */
const MAX_DIRECTORY = 8 * 1024 ** 2

const MAX_16 = 0xffff
const MAX_32 = 0xffffffff
const END = 0x06054b50
const END_64 = 0x06064b50
const LOCATOR_64 = 0x07064b50
const ENTRY = 0x02014b50
const LOCAL = 0x04034b50
const DEFLATED = 8

type Entry = { packed: number; unpacked: number; at: number; method: number }
type Directory = { at: number; size: number; count: number; shift: number }

const tooMuch = (reason: 'unpacked' | 'files') => new PageFailed('too_complex', reason, true)
const broken = () => new PageFailed('broken', 'not_a_container', true)

/**
 * A file that is no ZIP passes: older office files are none.
 *
 * @throws PageFailed too_complex (unpacked, files), broken; InputAway when the caller has gone
 */
export async function requireSmallContainer(path: string, signal?: AbortSignal): Promise<void> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    if (size < 22 || (await bytesOf(file, 0, 4)).readUInt32LE(0) !== LOCAL) return
    const entries = await entriesOf(file, await directoryOf(file, size))
    const sum = (what: 'packed' | 'unpacked') => entries.reduce((all, one) => all + one[what], 0)
    if (sum('unpacked') > MAX_UNPACKED || sum('packed') > size) throw tooMuch('unpacked')
    let left = MAX_UNPACKED
    for (const entry of entries) {
      if (signal?.aborted) throw new InputAway('the caller has gone')
      left -= await lengthOf(file, entry, left)
    }
  } finally {
    await file.close()
  }
}

async function bytesOf(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, at)
  if (bytesRead < length) throw broken()
  return buffer
}

/** Where the directory lies, by the record at the end of the file, behind which a comment may stand. */
async function directoryOf(file: FileHandle, size: number): Promise<Directory> {
  const length = Math.min(size, 22 + MAX_16)
  const tail = await bytesOf(file, size - length, length)
  for (let at = length - 22; at >= 0; at -= 1) {
    if (tail.readUInt32LE(at) !== END || at + 22 + tail.readUInt16LE(at + 20) > length) continue
    const end = size - length + at
    const [count, bytes, start] = [
      tail.readUInt16LE(at + 10),
      tail.readUInt32LE(at + 12),
      tail.readUInt32LE(at + 16)
    ]
    if (count === MAX_16 || bytes === MAX_32 || start === MAX_32) return directory64(file, end)
    // What stands before the first file shifts all of them.
    return { at: end - bytes, size: bytes, count, shift: end - bytes - start }
  }
  throw broken()
}

async function directory64(file: FileHandle, end: number): Promise<Directory> {
  if (end < 20) throw broken()
  const locator = await bytesOf(file, end - 20, 20)
  if (locator.readUInt32LE(0) !== LOCATOR_64) throw broken()
  const record = await bytesOf(file, Number(locator.readBigUInt64LE(8)), 56)
  if (record.readUInt32LE(0) !== END_64) throw broken()
  const [count, size, at] = [32, 40, 48].map((place) => Number(record.readBigUInt64LE(place)))
  return { at: at ?? 0, size: size ?? 0, count: count ?? 0, shift: 0 }
}

async function entriesOf(file: FileHandle, directory: Directory): Promise<Entry[]> {
  if (directory.count > MAX_FILES || directory.size > MAX_DIRECTORY) throw tooMuch('files')
  if (directory.at < 0) throw broken()
  const bytes = await bytesOf(file, directory.at, directory.size)
  const entries: Entry[] = []
  for (let at = 0; at + 46 <= bytes.length && bytes.readUInt32LE(at) === ENTRY;) {
    const [name, extra, comment] = [28, 30, 32].map((place) => bytes.readUInt16LE(at + place))
    const rest = at + 46 + (name ?? 0)
    const entry = entryOf(bytes, at, bytes.subarray(rest, rest + (extra ?? 0)))
    entries.push({ ...entry, at: entry.at + directory.shift })
    // The number at the end may say less than there are.
    if (entries.length > MAX_FILES) throw tooMuch('files')
    at = rest + (extra ?? 0) + (comment ?? 0)
  }
  if (entries.length === 0) throw broken()
  return entries
}

/** Sizes that do not fit stand in an extra field (section 4.5.3), in this order, each only where it does not fit. */
function entryOf(bytes: Buffer, at: number, extra: Buffer): Entry {
  const large = extraOf(extra, 1)
  let next = 0
  const [unpacked = 0, packed = 0, start = 0] = [24, 20, 42].map((place) => {
    const value = bytes.readUInt32LE(at + place)
    if (value !== MAX_32 || large.length < next + 8) return value
    next += 8
    return Number(large.readBigUInt64LE(next - 8))
  })
  return { unpacked, packed, at: start, method: bytes.readUInt16LE(at + 10) }
}

function extraOf(extra: Buffer, id: number): Buffer {
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2))
    if (extra.readUInt16LE(at) === id) return extra.subarray(at + 4, at + 4 + extra.readUInt16LE(at + 2))
  return Buffer.alloc(0)
}

/** How many bytes a file really unpacks to. Throws as soon as they are more than `most`. */
async function lengthOf(file: FileHandle, entry: Entry, most: number): Promise<number> {
  if (entry.method !== DEFLATED) return entry.packed
  const local = await bytesOf(file, entry.at, 30)
  if (local.readUInt32LE(0) !== LOCAL) throw broken()
  const from = entry.at + 30 + local.readUInt16LE(26) + local.readUInt16LE(28)
  let length = 0
  const count = new Writable({
    write(chunk: Buffer, _encoding, done) {
      length += chunk.length
      done(length > most ? tooMuch('unpacked') : null)
    }
  })
  await pipeline(Readable.from(partsOf(file, from, entry.packed)), createInflateRaw(), count).catch(
    (cause: unknown) => {
      throw cause instanceof PageFailed ? cause : broken()
    }
  )
  return length
}

async function* partsOf(file: FileHandle, from: number, length: number): AsyncGenerator<Buffer> {
  const PART = 256 * 1024
  for (let at = 0; at < length; at += PART) yield bytesOf(file, from + at, Math.min(PART, length - at))
}
