/** The kinds of files that become pages besides PDF, photos and plain text: each as a person would expect to see it. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import sharp from 'sharp'
import { faxTiff } from '../support/bombs.ts'
import { mailWith, storedZip } from '../support/kinds.ts'
import {
  noCorpus,
  offer,
  offerCorpus,
  previewAll,
  putAt,
  startParser,
  startStore,
  wordsAt
} from '../support/parser.ts'

const store = await startStore()
const preview = await startParser('preview')
const noOffice = spawnSync('soffice', ['--version']).error
  ? 'no LibreOffice here: office files are not converted'
  : false

const show = (name: string, bytes: Buffer | string, by = preview) =>
  previewAll(by, store, offer(store, name, Buffer.from(bytes as Buffer)))

type Shown = Awaited<ReturnType<typeof show>>
const textOf = (made: Shown, no = 1): string =>
  wordsAt(store, made.pages[no - 1]?.text_key ?? null)
    .map((word) => word.t)
    .join(' ')
const isComplete = (made: Shown, pages: number) =>
  assert.deepEqual([made.preview_result, made.reason, made.pages.length], ['complete', null, pages])

/** The colour at a place, in shares of width and height. */
async function colourAt(made: Shown, no: number, x: number, y: number): Promise<number[]> {
  const { data, info } = await sharp(putAt(store, made.pages[no - 1]?.image_key ?? null).body)
    .raw()
    .toBuffer({ resolveWithObject: true })
  const at = (Math.floor(y * info.height) * info.width + Math.floor(x * info.width)) * info.channels
  return [...data.subarray(at, at + 3)]
}
const isRed = ([red = 0, green = 255, blue = 255]: number[]) => red > 180 && green < 90 && blue < 90
const isBlue = ([red = 255, , blue = 0]: number[]) => red < 90 && blue > 180

const red = { create: { width: 60, height: 40, channels: 3, background: '#f00' } } as const
const blue = { create: { width: 60, height: 40, channels: 3, background: '#00f' } } as const

test('of a GIF that moves the first frame is shown', async () => {
  const frames = [await sharp(red).png().toBuffer(), await sharp(blue).png().toBuffer()]
  const made = await show(
    'a.gif',
    await sharp(frames, { join: { animated: true } })
      .gif()
      .toBuffer()
  )
  isComplete(made, 1)
  assert.ok(isRed(await colourAt(made, 1, 0.5, 0.5)))
})

test('AVIF and HEIC are photos like others', async () => {
  const avif = await show('a.avif', await sharp(red).avif().toBuffer())
  isComplete(avif, 1)
  assert.ok(isRed(await colourAt(avif, 1, 0.5, 0.5)))
  const heic = await show('a.heic', readFileSync('tests/support/files/halves.heic'))
  isComplete(heic, 1)
  assert.ok(isRed(await colourAt(heic, 1, 0.2, 0.5)) && isBlue(await colourAt(heic, 1, 0.8, 0.5)))
})

test('every page of a TIFF is a page', { skip: noCorpus }, async () => {
  isComplete(await previewAll(preview, store, offerCorpus(store, 'image/simple.tiff')), 1)
  const pages = [await sharp(red).png().toBuffer(), await sharp(blue).png().toBuffer()]
  const made = await show(
    'a.tif',
    await sharp(pages, { join: { animated: true } })
      .tiff()
      .toBuffer()
  )
  isComplete(made, 2)
  assert.ok(isRed(await colourAt(made, 1, 0.5, 0.5)) && isBlue(await colourAt(made, 2, 0.5, 0.5)))
})

test('a fax of several pages (TIFF, Group 4) can be read', async () => {
  const made = await show('fax.tif', await faxTiff(3))
  isComplete(made, 3)
  assert.ok(
    (await colourAt(made, 2, 0.25, 0.5)).every((value) => value < 40),
    'black at the left'
  )
  assert.ok(
    (await colourAt(made, 2, 0.75, 0.5)).every((value) => value > 215),
    'white at the right'
  )
})

test('an SVG is drawn, loads nothing and runs nothing', async () => {
  const secret = 'file:///etc/passwd'
  const made = await show(
    'a.svg',
    `<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="300" height="200"
      onload="document.documentElement.remove()"><script>document.documentElement.remove()</script>
      <rect width="300" height="200" fill="#f00"/><image href="${secret}" width="300" height="200"/>
      <image href="${store.url('spy.png')}" width="300" height="200"/></svg>`
  )
  isComplete(made, 1)
  assert.equal(made.pages[0]?.width, 1240)
  assert.ok(isRed(await colourAt(made, 1, 0.5, 0.5)))
  assert.equal(putAt(store, made.pages[0]?.image_key ?? null).type, 'image/jpeg')
})

test('an SVG that would load from outside does not ask for it', async () => {
  const reads = store.state.reads
  await show(
    'b.svg',
    `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="${store.url('x')}"/></svg>`
  )
  assert.equal(store.state.reads - reads, 1, 'only the drawing itself was read')
})

test('Markdown is laid out: signs of its own are gone, words are there', async () => {
  const made = await show(
    'a.md',
    '# Vollmacht\n\nHiermit **bevollmächtige** ich\n\n- Herrn Müller\n- [x] Frau Özil\n\n```\nif (a) b()\n```\n'
  )
  isComplete(made, 1)
  assert.equal(textOf(made), 'Vollmacht Hiermit bevollmächtige ich • Herrn Müller ☑ Frau Özil if (a) b()')
  const [title, word] = wordsAt(store, made.pages[0]?.text_key ?? null)
  assert.ok((title?.h ?? 0) > (word?.h ?? 0) * 1.5, 'a heading is larger')
})

test('a table of values has its cells, whatever separates them and whatever encodes them', async () => {
  const semicolon = Buffer.from('Nr;Name;Betrag\r\n1;Müller;"1.234,50"\r\n2;"Groß; Söhne";3\r\n', 'latin1')
  assert.equal(textOf(await show('a.csv', semicolon)), 'Nr Name Betrag 1 Müller 1.234,50 2 Groß; Söhne 3')
  assert.equal(textOf(await show('b.csv', '\ufeffA,B\n"x ""y""",2\n')), 'A B x "y" 2')
  assert.equal(textOf(await show('c.tsv', 'A\tB\n1,5\t2\n')), 'A B 1,5 2')
  const wide = Array.from({ length: 40 }, (_, column) => `Spalte ${column}`).join(';')
  const made = await show('d.csv', `${wide}\n${`${wide}\n`.repeat(100)}`)
  assert.equal(made.preview_result, 'complete')
  assert.ok(made.pages.length >= 9 && (made.pages[0]?.width ?? 0) > (made.pages[0]?.height ?? 0))
  assert.ok(textOf(made, 2).startsWith('Spalte'), 'further columns go on the next page')
})

test('source code has line numbers that are not part of its text', async () => {
  const made = await show('a.ts', 'const a = 1\n\nexport const b = a\n')
  isComplete(made, 1)
  assert.equal(textOf(made), 'const a = 1 export const b = a')
  const { channels } = await sharp(putAt(store, made.pages[0]?.image_key ?? null).body)
    .extract({ left: 100, top: 90, width: 50, height: 90 })
    .stats()
  assert.ok((channels[0]?.min ?? 255) < 190, 'numbers are drawn at the left')
})

test('an e-mail shows who, when, what, and what is attached', { skip: noCorpus }, async () => {
  const corpus = await previewAll(preview, store, offerCorpus(store, 'mail/html.eml'))
  isComplete(corpus, 1)
  assert.match(
    textOf(corpus),
    /^HTML Message From: Name <someone@example.de> To: .* Some Text .* Attachments: 2 .*600 KiB$/
  )
  isComplete(await previewAll(preview, store, offerCorpus(store, 'mail/umlaut.eml')), 1)
})

test('an e-mail within an e-mail follows it, and HTML is read as text', async () => {
  const reads = store.state.reads
  const inner = mailWith(
    'Innen',
    `<p>Gr&uuml;&szlig;e<script>alert(1)</script><img src="${store.url('spy')}"></p>`,
    []
  )
  const made = await show('a.eml', mailWith('Außen', '<p>Siehe Anlage</p>', [inner]))
  isComplete(made, 1)
  assert.match(textOf(made), /^Außen From: .*Siehe Anlage Attachments: 1 .* Innen From: .* Grüße$/)
  assert.equal(store.state.reads - reads, 1, 'nothing of it is loaded')
})

test('a web page is read as text', async () => {
  const made = await show(
    'a.html',
    '<!doctype html><title>t</title><h1>Titel</h1><p>A&nbsp;b<script>c()</script>'
  )
  assert.equal(textOf(made), 'Titel A b')
})

test('office files go through LibreOffice', { skip: noOffice }, async () => {
  const made = await show('brief.rtf', '{\\rtf1\\ansi Sehr geehrte Frau M\\u252?ller\\par\\page Seite zwei}')
  isComplete(made, 2)
  assert.equal(textOf(made), 'Sehr geehrte Frau Müller')
  const odt = await show('a.odt', odtOf('<text:p>Guten Tag</text:p>'))
  isComplete(odt, 1)
  assert.equal(textOf(odt), 'Guten Tag')
})

test('letters, sheets and slides, old and new', { skip: noOffice }, async () => {
  const folder = 'tests/support/files/office'
  for (const name of readdirSync(folder)) {
    const made = await show(name, readFileSync(join(folder, name)))
    assert.deepEqual([made.preview_result, made.pages.length], ['complete', 1], name)
    assert.match(textOf(made), /Hello world Straße|A;B 1;2|Folie eins/, name)
  }
})

const NAMESPACES = ['office', 'text', 'draw']
  .map(
    (name) =>
      `xmlns:${name}="urn:oasis:names:tc:opendocument:xmlns:${name === 'draw' ? 'drawing' : name}:1.0"`
  )
  .join(' ')

/** The smallest text document that LibreOffice takes. */
const odtOf = (body: string, more: { head?: string; files?: Record<string, string> } = {}): Buffer =>
  storedZip({
    mimetype: 'application/vnd.oasis.opendocument.text',
    'META-INF/manifest.xml': `<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.text"/>${[
      'content.xml',
      ...Object.keys(more.files ?? {})
    ]
      .map((name) => `<manifest:file-entry manifest:full-path="${name}" manifest:media-type="text/xml"/>`)
      .join('')}</manifest:manifest>`,
    'content.xml': `<?xml version="1.0"?><office:document-content ${NAMESPACES} xmlns:xlink="http://www.w3.org/1999/xlink" office:version="1.2">${more.head ?? ''}<office:body><office:text>${body}</office:text></office:body></office:document-content>`,
    ...more.files
  })

test('an office file cannot make LibreOffice fetch anything', { skip: noOffice }, async () => {
  const reads = store.state.reads
  const spy = store.url('spy.png')
  const body = `<text:p>Bild <draw:frame draw:name="a"><draw:image xlink:href="${spy}" xlink:type="simple"/></draw:frame></text:p><text:section text:name="b"><text:section-source xlink:href="file:///etc/passwd"/></text:section>`
  const made = await show('spy.odt', odtOf(body))
  assert.equal(made.preview_result, 'complete')
  assert.equal(store.state.reads - reads, 1, 'only the file itself was read')
  assert.doesNotMatch(textOf(made), /root/)
})

test('a macro in an office file does not run', { skip: noOffice }, async () => {
  const library = 'xmlns:library="http://openoffice.org/2000/library" library:name="Standard"'
  const ran = join(tmpdir(), `portico-macro-${process.pid}`)
  const macro = `Sub Main\nThisComponent.Text.setString(&quot;Das Makro lief&quot;)\nOpen &quot;${ran}&quot; For Output As #1\nClose #1\nEnd Sub`
  const calls = 'vnd.sun.star.script:Standard.Module1.Main?language=Basic&amp;location=document'
  const made = await show(
    'makro.odt',
    odtOf('<text:p>Guten Tag</text:p>', {
      head: `<office:scripts><office:event-listeners xmlns:script="urn:oasis:names:tc:opendocument:xmlns:script:1.0" xmlns:dom="http://www.w3.org/2001/xml-events"><script:event-listener script:language="ooo:script" script:event-name="dom:load" xlink:href="${calls}" xlink:type="simple"/></office:event-listeners></office:scripts>`,
      files: {
        'Basic/script-lc.xml': `<library:libraries xmlns:library="http://openoffice.org/2000/library"><library:library library:name="Standard" library:link="false"/></library:libraries>`,
        'Basic/Standard/script-lb.xml': `<library:library ${library}><library:element library:name="Module1"/></library:library>`,
        'Basic/Standard/Module1.xml': `<script:module xmlns:script="http://openoffice.org/2000/script" script:name="Module1" script:language="StarBasic">${macro}</script:module>`
      }
    })
  )
  isComplete(made, 1)
  assert.equal(textOf(made), 'Guten Tag')
  assert.ok(!existsSync(ran))
})

test('a conversion leaves nothing on the disk', { skip: noOffice }, async () => {
  const folder = join(tmpdir(), `portico-preview-${preview.process.pid}`)
  await show('kaputt.docx', storedZip({ '[Content_Types].xml': 'no', 'word/document.xml': 'no' }))
  assert.deepEqual(existsSync(folder) ? readdirSync(folder) : [], [])
})

test('without LibreOffice an office file says why there is nothing to see', async () => {
  const own = await startParser('preview', { OFFICE_CONVERTER: 'none' })
  const made = await show('brief.rtf', '{\\rtf1\\ansi Guten Tag}', own)
  assert.deepEqual([made.preview_result, made.reason], ['unsupported', 'no_office_converter'])
})

test('an office file with a password says so, with LibreOffice or without', async () => {
  const head = Buffer.from('d0cf11e0a1b11ae1', 'hex')
  const locked = Buffer.concat([
    head,
    Buffer.alloc(1_016),
    Buffer.from('EncryptedPackage', 'utf16le'),
    Buffer.alloc(2_000)
  ])
  const made = await show('geheim.docx', locked)
  assert.deepEqual([made.preview_result, made.reason], ['encrypted', 'password'])
})
