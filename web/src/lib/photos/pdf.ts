/**
 * JPEGs as the pages of one PDF (ISO 32000-1). A PDF takes a JPEG as it is (DCTDecode), so nothing is decoded and
 * nothing is copied: the result is a Blob that points to the files on the disk, a few hundred bytes of our own a page.
 */
import type { JpegFacts } from './jpeg.ts'

export type Leaf = { file: Blob } & Pick<JpegFacts, 'width' | 'height' | 'components' | 'orientation'>

/** Points (1/72 inch): the longer side of a page, that of A4. */
const LONG_SIDE = 842

/** One page a leaf, as large as A4 allows, turned as the camera says. */
export function pdfOf(leaves: Leaf[]): Blob {
  const out = new Writer()
  const pageIds = leaves.map((_, index) => 3 + index * 3)
  out.object(1, '<< /Type /Catalog /Pages 2 0 R >>')
  const kids = pageIds.map((id) => `${id} 0 R`).join(' ')
  out.object(2, `<< /Type /Pages /Count ${leaves.length} /Kids [${kids}] >>`)
  for (const [index, leaf] of leaves.entries()) {
    const id = 3 + index * 3
    const { width, height } = pageSize(leaf)
    const draw = `q ${matrixOf(leaf.orientation, width, height).map(figure).join(' ')} cm /Photo Do Q`
    out.object(
      id,
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${figure(width)} ${figure(height)}] ` +
        `/Resources << /XObject << /Photo ${id + 2} 0 R >> >> /Contents ${id + 1} 0 R >>`
    )
    out.stream(id + 1, '', new Blob([draw]))
    out.stream(
      id + 2,
      `/Type /XObject /Subtype /Image /Width ${leaf.width} /Height ${leaf.height} ` +
        `/ColorSpace /${leaf.components === 1 ? 'DeviceGray' : 'DeviceRGB'} /BitsPerComponent 8 /Filter /DCTDecode `,
      leaf.file
    )
  }
  return out.end()
}

const figure = (value: number): string => String(Math.round(value * 100) / 100)

function pageSize({ width, height, orientation }: Leaf): { width: number; height: number } {
  const [wide, high] = orientation >= 5 ? [height, width] : [width, height]
  const scale = LONG_SIDE / Math.max(wide, high)
  return { width: wide * scale, height: high * scale }
}

/** Where the image's unit square goes on a page of w × h, by Exif's orientation (CIPA DC-008 section 4.6.4). */
function matrixOf(orientation: number, w: number, h: number): number[] {
  const MATRICES: Record<number, number[]> = {
    2: [-w, 0, 0, h, w, 0],
    3: [-w, 0, 0, -h, w, h],
    4: [w, 0, 0, -h, 0, h],
    5: [0, -h, -w, 0, w, h],
    6: [0, -h, w, 0, 0, h],
    7: [0, h, w, 0, 0, 0],
    8: [0, h, -w, 0, w, 0]
  }
  return MATRICES[orientation] ?? [w, 0, 0, h, 0, 0]
}

/** Objects with the table of where each begins. All text of ours is ASCII: its length is its bytes. */
class Writer {
  readonly #parts: (string | Blob)[] = []
  readonly #places = new Map<number, number>()
  #size = 0

  constructor() {
    // The comment with high bytes tells programs that the file is binary (section 7.5.2).
    this.#add('%PDF-1.7\n')
    this.#add(new Blob([new Uint8Array([0x25, 0xe2, 0xe3, 0xcf, 0xd3, 0x0a])]))
  }

  object(id: number, body: string): void {
    this.#places.set(id, this.#size)
    this.#add(`${id} 0 obj\n${body}\nendobj\n`)
  }

  stream(id: number, entries: string, bytes: Blob): void {
    this.#places.set(id, this.#size)
    this.#add(`${id} 0 obj\n<< ${entries}/Length ${bytes.size} >>\nstream\n`)
    this.#add(bytes)
    this.#add('\nendstream\nendobj\n')
  }

  end(): Blob {
    const start = this.#size
    const count = this.#places.size + 1
    const lines = Array.from(
      { length: count - 1 },
      (_, index) => `${String(this.#places.get(index + 1) ?? 0).padStart(10, '0')} 00000 n \n`
    )
    this.#add(`xref\n0 ${count}\n0000000000 65535 f \n${lines.join('')}`)
    this.#add(`trailer\n<< /Size ${count} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`)
    return new Blob(this.#parts, { type: 'application/pdf' })
  }

  #add(part: string | Blob): void {
    this.#parts.push(part)
    this.#size += typeof part === 'string' ? part.length : part.size
  }
}
