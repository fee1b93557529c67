/** What comes out of an office file's ZIP, looked at before it is unpacked. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { requireSmallContainer } from '../../functions/preview/container.ts'
import { PageFailed } from '../../functions/preview/drawn.ts'
import { storedZip } from '../support/kinds.ts'

const folder = mkdtempSync(join(tmpdir(), 'portico-container-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const MIB = 1024 ** 2
let no = 0
/** `passes`, or what it is refused as. */
async function look(bytes: Buffer): Promise<string> {
  const path = join(folder, `${(no += 1)}`)
  writeFileSync(path, bytes)
  try {
    await requireSmallContainer(path)
    return 'passes'
  } catch (error) {
    if (!(error instanceof PageFailed)) throw error
    return `${error.result} ${error.reason}`
  }
}
const zip = (files: Record<string, string | Buffer>) => storedZip({ mimetype: 'x', ...files })

/** Each entry of the directory says that it unpacks to so much. */
function lying(bytes: Buffer, size: number): Buffer {
  const told = Buffer.from(bytes)
  for (let at = told.indexOf('PK\x01\x02'); at >= 0; at = told.indexOf('PK\x01\x02', at + 4))
    told.writeUInt32LE(size, at + 24)
  return told
}

/** The directory's last entry so many times more, all of the same bytes. */
function repeated(bytes: Buffer, times: number): Buffer {
  const end = bytes.lastIndexOf('PK\x05\x06')
  const last = bytes.subarray(bytes.lastIndexOf('PK\x01\x02'), end)
  const tail = Buffer.from(bytes.subarray(end))
  tail.writeUInt32LE(tail.readUInt32LE(12) + last.length * times, 12)
  return Buffer.concat([bytes.subarray(0, end), ...Array.from({ length: times }, () => last), tail])
}

test('an ordinary container passes, also behind other bytes and before a comment; so does what is none', async () => {
  const plain = zip({ 'word/document.xml': 'a letter', 'word/media/a.png': Buffer.alloc(MIB, 7) })
  assert.equal(await look(plain), 'passes')
  const commented = Buffer.concat([plain, Buffer.from('note')])
  commented.writeUInt16LE(4, plain.length - 2)
  assert.equal(await look(commented), 'passes')
  assert.equal(await look(Buffer.from('d0cf11e0a1b11ae1'.repeat(10), 'hex')), 'passes')
})

test('too many bytes are refused by what the directory says of them', async () => {
  const three = zip({ a: Buffer.alloc(90 * MIB), b: Buffer.alloc(90 * MIB), c: Buffer.alloc(90 * MIB) })
  assert.equal(await look(three), 'too_complex unpacked')
  assert.equal(await look(lying(zip({ a: 'small' }), 0xffffffff)), 'too_complex unpacked')
})

test('a directory that says less than there is helps nobody', async () => {
  const large = zip({ a: Buffer.alloc(150 * MIB), b: Buffer.alloc(150 * MIB) })
  assert.equal(await look(lying(large, 10)), 'too_complex unpacked')
})

test('entries that share their bytes are as many as there are entries', async () => {
  const shared = repeated(zip({ a: Buffer.alloc(MIB) }), 300)
  assert.equal(await look(lying(shared, 10)), 'too_complex unpacked')
})

test('too many files are refused, whatever number stands at the end', async () => {
  const many = repeated(zip({ a: 'x' }), 10_001)
  assert.equal(await look(many), 'too_complex files')
  const told = Buffer.from(many)
  told.writeUInt16LE(20_000, told.lastIndexOf('PK\x05\x06') + 10)
  assert.equal(await look(told), 'too_complex files')
})

test('what is broken is said to be', async () => {
  const whole = zip({ a: Buffer.alloc(MIB, 'abc') })
  const end = whole.lastIndexOf('PK\x05\x06')
  assert.equal(await look(whole.subarray(0, end)), 'broken not_a_container')
  const lost = Buffer.from(whole)
  lost.writeUInt32LE(0xfffff000, whole.lastIndexOf('PK\x01\x02') + 42)
  assert.equal(await look(lost), 'broken not_a_container')
  const noise = Buffer.from(whole)
  noise.fill(0xff, whole.indexOf('a', 40) + 1, end - 200)
  assert.equal(await look(noise), 'broken not_a_container')
})
