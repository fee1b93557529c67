/** Bombs and broken files of every further kind: a clear state within 30 s and 512 MB, and the next good file works. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import sharp from 'sharp'
import { mailWith, storedZip } from '../support/kinds.ts'
import { offer, previewAll, startParser, startStore } from '../support/parser.ts'

const store = await startStore()
const preview = await startParser('preview')
const hasOffice = !spawnSync('soffice', ['--version']).error

const MIB = 1024 ** 2
const svg = (inner: string, head = '') =>
  `${head}<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="600" height="800">${inner}</svg>`

/** Ten names, each ten of the one before. */
function laughs(): string {
  const entities = Array.from({ length: 10 }, (_, no) =>
    no === 0 ? '<!ENTITY e0 "ha">' : `<!ENTITY e${no} "${`&e${no - 1};`.repeat(10)}">`
  )
  return svg('<text>&e9;</text>', `<?xml version="1.0"?><!DOCTYPE svg [${entities.join('')}]>`)
}

/** Thirty groups, each of ten of the one before. */
const uses = (): string =>
  svg(
    Array.from({ length: 30 }, (_, no) =>
      no === 0
        ? '<rect id="u0" width="9" height="9"/>'
        : `<g id="u${no}">${`<use xlink:href="#u${no - 1}"/>`.repeat(10)}</g>`
    ).join('')
  )

const blur = (): string =>
  svg(
    `<filter id="f" x="0" y="0" width="1" height="1">${'<feTurbulence baseFrequency="0.9" numOctaves="200"/><feGaussianBlur stdDeviation="400"/>'.repeat(40)}</filter><rect width="600" height="800" filter="url(#f)"/>`
  )

/** A GIF that says that it has 30,000 × 30,000 pixels. */
const hugeGif = (): Buffer =>
  Buffer.from('4749463839613075307580000000000000ffffff2c00000000307530750002024c01003b', 'hex')

/** The first picture's width and height in a TIFF's directory, put to 60,000. */
async function hugeTiff(): Promise<Buffer> {
  const file = await sharp({ create: { width: 10, height: 10, channels: 3, background: '#fff' } })
    .tiff()
    .toBuffer()
  const at = file.readUInt32LE(4)
  for (let no = 0; no < file.readUInt16LE(at); no += 1) {
    const entry = at + 2 + no * 12
    if ([256, 257].includes(file.readUInt16LE(entry))) {
      file.writeUInt16LE(4, entry + 2)
      file.writeUInt32LE(60_000, entry + 8)
    }
  }
  return file
}

/** A directory of pages that leads back to itself. */
async function ringTiff(): Promise<Buffer> {
  const file = await sharp({ create: { width: 10, height: 10, channels: 3, background: '#fff' } })
    .tiff()
    .toBuffer()
  const at = file.readUInt32LE(4)
  file.writeUInt32LE(at, at + 2 + file.readUInt16LE(at) * 12)
  return file
}

const nestedMail = (): string => {
  let inner = mailWith('innen', 'x', [])
  for (let depth = 0; depth < 200; depth += 1) inner = mailWith(`${depth}`, 'x', [inner])
  return inner
}

const hugeDocx = (mebibytes = 200): Buffer =>
  storedZip({
    '[Content_Types].xml':
      '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>',
    '_rels/.rels':
      '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>',
    'word/document.xml': Buffer.concat([
      Buffer.from(
        '<?xml version="1.0"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
      ),
      Buffer.alloc(mebibytes * MIB, '<w:p><w:r><w:t>bombe</w:t></w:r></w:p>'),
      Buffer.from('</w:body></w:document>')
    ])
  })

const noise = (hex: string): Buffer => Buffer.concat([Buffer.from(hex, 'hex'), randomBytes(5_000)])

type Case = {
  what: string
  name: string
  bytes: () => string | Buffer | Promise<Buffer>
  ends: RegExp
  skip?: boolean
}

const BOMBS: Case[] = [
  {
    what: 'an SVG of a billion laughs',
    name: 'a.svg',
    bytes: laughs,
    ends: /^(broken|too_complex|complete)/
  },
  { what: 'an SVG of 10^29 squares', name: 'b.svg', bytes: uses, ends: /^(broken|too_complex|complete)/ },
  { what: 'an SVG that blurs for minutes', name: 'c.svg', bytes: blur, ends: /^(too_complex|complete)/ },
  {
    what: 'an SVG of 32 MiB',
    name: 'd.svg',
    bytes: () => svg(' '.repeat(32 * MIB)),
    ends: /^too_complex size/
  },
  { what: 'a GIF of 900 MP', name: 'a.gif', bytes: hugeGif, ends: /^(too_complex pixels|broken)/ },
  { what: 'a TIFF of 3,600 MP', name: 'a.tif', bytes: hugeTiff, ends: /^(too_complex pixels|broken)/ },
  {
    what: 'a TIFF whose pages go round',
    name: 'b.tif',
    bytes: ringTiff,
    ends: /^(complete|broken|too_complex)/
  },
  {
    what: 'a GIF of noise',
    name: 'b.gif',
    bytes: () => noise('474946383961'),
    ends: /^(broken|too_complex)/
  },
  {
    what: 'a TIFF of noise',
    name: 'c.tif',
    bytes: () => noise('49492a0008000000'),
    ends: /^(broken|too_complex)/
  },
  {
    what: 'an AVIF of noise',
    name: 'a.avif',
    bytes: () => noise('00000018667479706176696600000000'),
    ends: /^broken/
  },
  {
    what: 'a HEIC of noise',
    name: 'a.heic',
    bytes: () => noise('00000018667479706865696300000000'),
    ends: /^broken/
  },
  {
    what: 'quotes 100,000 deep',
    name: 'a.md',
    bytes: () => `${'> '.repeat(100_000)}x`,
    ends: /^(complete|too_complex)/
  },
  {
    what: 'brackets 200,000 deep',
    name: 'b.md',
    bytes: () => '[*_`'.repeat(100_000),
    ends: /^(complete|too_complex)/
  },
  { what: 'two million cells', name: 'a.csv', bytes: () => ';'.repeat(2 * MIB), ends: /^(complete|empty)/ },
  { what: 'a million rows', name: 'b.csv', bytes: () => 'a\n'.repeat(MIB), ends: /^(complete|too_complex)/ },
  {
    what: 'a table of quotes that never end',
    name: 'c.csv',
    bytes: () => 'a,"\n'.repeat(MIB / 4),
    ends: /^(complete|too_complex)/
  },
  { what: 'e-mails 200 deep', name: 'a.eml', bytes: nestedMail, ends: /^complete/ },
  {
    what: 'an e-mail of 15 MB',
    name: 'b.eml',
    bytes: () => mailWith('x', 'y'.repeat(15 * MIB), []),
    ends: /^(complete|too_complex)/
  },
  {
    what: 'HTML of nothing but <',
    name: 'a.html',
    bytes: () => `<!doctype html>${'<'.repeat(2 * MIB)}`,
    ends: /^(complete|empty|too_complex)/
  },
  {
    what: 'a letter of 200 MB in 300 KB',
    name: 'a.docx',
    bytes: () => hugeDocx(),
    ends: /^too_complex (memory|time)/,
    skip: !hasOffice
  },
  {
    what: 'a letter of 300 MB, whose size is seen before it is unpacked',
    name: 'c.docx',
    bytes: () => hugeDocx(300),
    ends: /^too_complex unpacked/
  },
  {
    what: 'an office file of noise',
    name: 'b.doc',
    bytes: () => noise('d0cf11e0a1b11ae1'),
    ends: /^(broken|complete)/,
    skip: !hasOffice
  }
]

for (const { what, name, bytes, ends, skip = false } of BOMBS)
  test(`${what}: a clear state, and the function lives on`, { skip }, async (t) => {
    const bomb = offer(store, name, Buffer.from((await bytes()) as Buffer))
    const sent = Date.now()
    const first = await previewAll(preview, store, bomb)
    const took = Date.now() - sent
    t.diagnostic(
      `${first.preview_result} ${first.reason}, ${first.pages.length} pages, ${first.calls} calls, ${took} ms, peak ${Math.round(preview.peak())} MB`
    )
    assert.match(`${first.preview_result} ${first.reason}`, ends)
    assert.ok(took / first.calls < 30_000, `${took} ms`)
    assert.ok(preview.peak() <= 512, `${preview.peak()} MB`)
    assert.equal(
      (await previewAll(preview, store, offer(store, 'a.txt', Buffer.from('good')))).preview_result,
      'complete'
    )
  })
