/** Files that are made to break who opens them. */
import { crc32, deflateSync } from 'node:zlib'
import sharp from 'sharp'

/** A PDF of these objects, number 1 the catalog; with a table that is right. */
export function pdfOf(objects: (string | Buffer)[]): Buffer {
  const parts = [Buffer.from('%PDF-1.7\n')]
  const offsets: number[] = []
  let at = parts[0]?.length ?? 0
  objects.forEach((object, index) => {
    const part = Buffer.concat([
      Buffer.from(`${index + 1} 0 obj\n`),
      Buffer.from(object),
      Buffer.from('\nendobj\n')
    ])
    offsets.push(at)
    at += part.length
    parts.push(part)
  })
  const rows = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('')
  const count = objects.length + 1
  parts.push(
    Buffer.from(
      `xref\n0 ${count}\n0000000000 65535 f \n${rows}trailer\n<</Size ${count}/Root 1 0 R>>\nstartxref\n${at}\n%%EOF\n`
    )
  )
  return Buffer.concat(parts)
}

export const streamOf = (bytes: Buffer, entries = ''): Buffer =>
  Buffer.concat([
    Buffer.from(`<<${entries}/Length ${bytes.length}>>stream\n`),
    bytes,
    Buffer.from('\nendstream')
  ])

const packed = (bytes: Buffer, entries = ''): Buffer =>
  streamOf(deflateSync(bytes), `/Filter/FlateDecode${entries}`)

const CATALOG = '<</Type/Catalog/Pages 2 0 R>>'
const onePage = (resources: string, contents: Buffer, more: (string | Buffer)[] = []) =>
  pdfOf([
    CATALOG,
    '<</Type/Pages/Kids[3 0 R]/Count 1>>',
    `<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<${resources}>>/Contents 4 0 R>>`,
    contents,
    ...more
  ])

/** A page full of text: sixty thousand letters of one font. No bomb, but more than a page of a book. */
export const crowdedPage = (): Buffer =>
  onePage(
    '/Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>',
    packed(Buffer.from(`BT /F 2 Tf 2 TL 10 830 Td ${`(${'iiiiiiiii '.repeat(100)}) Tj T*\n`.repeat(400)} ET`))
  )

/** 100,000 pages that are one object. */
export const manyPages = (): Buffer =>
  pdfOf([
    CATALOG,
    `<</Type/Pages/Count 100000/Kids[${'3 0 R '.repeat(100_000)}]>>`,
    '<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>'
  ])

/** A form that draws itself. */
export const recursion = (): Buffer =>
  onePage('/XObject<</F 5 0 R>>', streamOf(Buffer.from('/F Do')), [
    streamOf(
      Buffer.from('/F Do /F Do 0 0 10 10 re f'),
      '/Type/XObject/Subtype/Form/BBox[0 0 595 842]/Resources<</XObject<</F 5 0 R>>>>'
    )
  ])

/** Thirty forms, each draws the next one ten times. */
export function billionForms(): Buffer {
  const form = (no: number) =>
    streamOf(
      Buffer.from(no < 29 ? '/F Do '.repeat(10) : '0 0 10 10 re f'),
      `/Type/XObject/Subtype/Form/BBox[0 0 595 842]/Resources<</XObject<</F ${6 + no} 0 R>>>>`
    )
  const forms = Array.from({ length: 30 }, (_, no) => form(no))
  return onePage('/XObject<</F 5 0 R>>', streamOf(Buffer.from('/F Do')), [...forms, '<<>>'])
}

/** Contents of 1 GiB of operators within 1 MB. */
export function flateBomb(): Buffer {
  const gib = deflateSync(Buffer.alloc(1024 ** 3, '0 0 m 9 9 l S\n'), { level: 6 })
  return onePage('', streamOf(gib, '/Filter/FlateDecode'))
}

/** A picture of 30,000 × 30,000 in a PDF: 2.7 GB. */
export const pictureBomb = (): Buffer =>
  onePage('/XObject<</I 5 0 R>>', streamOf(Buffer.from('595 0 0 842 0 0 cm /I Do')), [
    packed(
      Buffer.alloc(1_000_000),
      '/Type/XObject/Subtype/Image/Width 30000/Height 30000/ColorSpace/DeviceRGB/BitsPerComponent 8'
    )
  ])

/** Three million curves on a page. */
export const manyPaths = (): Buffer =>
  onePage('', packed(Buffer.from('0 0 m 100 700 300 10 595 842 c S\n'.repeat(3_000_000))))

/** A PNG that says that it has 30,000 × 30,000 pixels. */
export function hugePng(): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type), data])
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
    length.writeUInt32BE(data.length)
    sum.writeUInt32BE(crc32(body))
    return Buffer.concat([length, body, sum])
  }
  const head = Buffer.alloc(13)
  head.writeUInt32BE(30_000, 0)
  head.writeUInt32BE(30_000, 4)
  head.set([8, 2, 0, 0, 0], 8)
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(Buffer.alloc(90_001 * 100))),
    chunk('IEND', Buffer.alloc(0))
  ])
}

/** A fax: pages of one bit a pixel, Group 4, the left half black. */
export function faxTiff(pages: number): Promise<Buffer> {
  const halves = Buffer.alloc(400 * 100, 255)
  for (let row = 0; row < 100; row += 1) halves.fill(0, row * 400, row * 400 + 200)
  const raw = { width: 400, height: 100, channels: 1 } as const
  const frames = Array.from({ length: pages }, () => halves)
  return sharp(Buffer.concat(frames), { raw: { ...raw, height: 100 * pages, pageHeight: 100 } })
    .toColourspace('b-w')
    .tiff({ compression: 'ccittfax4', bitdepth: 1 })
    .toBuffer()
}
