/** Photos as a PDF: read by PDFium, turned as the camera says, and never decoded on the way. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import sharp, { type Sharp } from 'sharp'
import { openPdf } from '../../functions/_shared/pdf/pdfium.ts'
import { renderPage } from '../../functions/_shared/pdf/render.ts'
import { readJpeg } from '../../web/src/lib/photos/jpeg.ts'
import { pdfOfPhotos } from '../../web/src/lib/photos/leaves.ts'
import { isPhoto, mayBecomeOne } from '../../web/src/lib/photos/which.ts'

const folder = mkdtempSync(join(tmpdir(), 'portico-photos-'))
after(() => rmSync(folder, { recursive: true, force: true }))

/** Red, green, blue, white from the top left, as somebody sees it; stored as orientation `turned` says. */
async function photo(turned: number, taken?: string): Promise<Buffer> {
  const square = (background: string) => ({
    create: { width: 60, height: 40, channels: 3 as const, background }
  })
  const upright = await sharp({ create: { width: 120, height: 80, channels: 3, background: '#fff' } })
    .composite([
      { input: square('#f00'), left: 0, top: 0 },
      { input: square('#0f0'), left: 60, top: 0 },
      { input: square('#00f'), left: 0, top: 40 }
    ])
    .png()
    .toBuffer()
  // The inverse of what a viewer does with each orientation.
  const STORED: Record<number, (s: Sharp) => Sharp> = {
    1: (s) => s,
    2: (s) => s.flop(),
    3: (s) => s.rotate(180),
    4: (s) => s.flip(),
    6: (s) => s.rotate(270),
    8: (s) => s.rotate(90)
  }
  // Mirrored and turned: two steps, since sharp mirrors before it turns.
  const turn = async (): Promise<Buffer> => {
    if (turned === 5)
      return sharp(await sharp(upright).rotate(270).png().toBuffer())
        .flip()
        .png()
        .toBuffer()
    if (turned === 7)
      return sharp(await sharp(upright).rotate(90).png().toBuffer())
        .flip()
        .png()
        .toBuffer()
    return (STORED[turned] ?? ((s) => s))(sharp(upright)).png().toBuffer()
  }
  const exif = taken ? { IFD2: { DateTimeOriginal: taken } } : {}
  const stored = sharp(await turn()).withExif({ IFD0: { Make: 'Test' }, ...exif })
  return stored
    .withMetadata({ orientation: turned })
    .jpeg({ quality: 95, chromaSubsampling: '4:4:4' })
    .toBuffer()
}

const asFile = (bytes: Buffer, name: string, lastModified = 0) =>
  new File([new Uint8Array(bytes)], name, { type: 'image/jpeg', lastModified })

/** The colours of the four corners of each page, as PDFium draws it. */
async function cornersOf(pdf: File): Promise<string[]> {
  const path = join(folder, `${crypto.randomUUID()}.pdf`)
  writeFileSync(path, Buffer.from(await pdf.arrayBuffer()))
  const document = await openPdf(path)
  try {
    return Array.from({ length: document.page_count }, (_, index) => {
      const { rgb, width, height } = renderPage(document, index + 1, 240)
      const at = (x: number, y: number) => {
        const from = (Math.floor(y * height) * width + Math.floor(x * width)) * 3
        return Array.from(rgb.subarray(from, from + 3), (value) => (value > 128 ? '1' : '0')).join('')
      }
      return [at(0.25, 0.25), at(0.75, 0.25), at(0.25, 0.75), at(0.75, 0.75)].join(' ')
    })
  } finally {
    document.close()
  }
}

test('each of the eight orientations stands upright on its page', async () => {
  const photos = await Promise.all(
    [1, 2, 3, 4, 5, 6, 7, 8].map(async (turned) => asFile(await photo(turned), `${turned}.jpg`))
  )
  const facts = await Promise.all(photos.map((one) => readJpeg(one)))
  assert.deepEqual(
    facts.map((one) => [one?.orientation, one?.width]),
    [1, 2, 3, 4, 5, 6, 7, 8].map((turned) => [turned, turned >= 5 ? 80 : 120])
  )
  const corners = await cornersOf(await pdfOfPhotos(photos, 'Fotos.pdf'))
  assert.deepEqual(corners, Array<string>(8).fill('100 010 001 111'))
})

test('pages come in the order the photos were taken, then by name with its figures as figures', async () => {
  const page = async (background: string, name: string, taken?: string) =>
    asFile(
      await sharp({ create: { width: 50, height: 50, channels: 3, background } })
        .withExif({ IFD0: { Make: 'T' }, ...(taken ? { IFD2: { DateTimeOriginal: taken } } : {}) })
        .jpeg()
        .toBuffer(),
      name,
      Date.UTC(2020, 0, 1)
    )
  const pdf = await pdfOfPhotos(
    [
      await page('#00f', 'a.jpg', '2026:11:23 10:00:02'),
      await page('#0f0', 'Seite 10.jpg'),
      await page('#f00', 'Seite 9.jpg'),
      await page('#fff', 'z.jpg', '2026:11:23 10:00:01')
    ],
    'Fotos.pdf'
  )
  const corners = await cornersOf(pdf)
  assert.deepEqual(
    corners.map((page_) => page_.slice(0, 3)),
    ['100', '010', '111', '001']
  )
})

test('a photo lies in the PDF as it is, whatever its size: some hundred bytes a page are added', async () => {
  const bytes = await photo(6, '2026:11:23 10:00:00')
  const pdf = await pdfOfPhotos([asFile(bytes, 'a.jpg'), asFile(bytes, 'b.jpg')], 'Fotos.pdf')
  assert.ok(pdf.size - 2 * bytes.length < 2_000, `${pdf.size}`)
  const whole = Buffer.from(await pdf.arrayBuffer())
  assert.ok(whole.indexOf(bytes) > 0)
  assert.equal(pdf.type, 'application/pdf')
})

test('grey photos are pages too; what is no JPEG, or a broken one, is not taken for one', async () => {
  const one = await sharp(await photo(1))
    .toColourspace('b-w')
    .jpeg()
    .toBuffer()
  const grey = asFile(one, 'g.jpg')
  assert.equal((await readJpeg(grey))?.components, 1)
  assert.equal((await cornersOf(await pdfOfPhotos([grey, grey], 'g.pdf'))).length, 2)
  for (const bytes of ['', 'no photo at all', 'ÿØÿ'])
    assert.equal(await readJpeg(asFile(Buffer.from(bytes, 'latin1'), 'x.jpg')), null)
  const cut = (await photo(1)).subarray(0, 40)
  assert.equal(await readJpeg(asFile(cut, 'cut.jpg')), null)
})

test('a PDF is offered for two photos and more, not for drawings and not for a whole archive', () => {
  const one = asFile(Buffer.from(''), 'a.jpg')
  assert.equal(isPhoto(one), true)
  assert.equal(isPhoto(new File([], 'a.svg', { type: 'image/svg+xml' })), false)
  assert.equal(mayBecomeOne([one]), false)
  assert.equal(mayBecomeOne([one, one]), true)
  assert.equal(mayBecomeOne(Array<File>(101).fill(one)), false)
})
