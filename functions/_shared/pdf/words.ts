/** The words of a PDF page with their boxes, for text that can be selected over the page's image. */
import type { z } from 'zod'
import type { PageText } from '../contract/document.ts'
import type { Pdfium } from './pdfium.ts'

export type Word = z.infer<typeof PageText>['words'][number]
type Box = { left: number; right: number; bottom: number; top: number }

/** Characters of one page that are read; a page of a book has 3,000. */
const MAX_CHARACTERS = 60_000
/** Device units over which PDFium maps the page: tenths of a thousandth. */
const UNITS = 10_000

/** The library's own functions: through ccall, which converts each argument, a page's text takes three times as long. */
type Raw = {
  malloc: (size: number) => number
  free: (address: number) => void
  FPDFText_GetUnicode: (text: number, index: number) => number
  FPDFText_GetCharBox: (text: number, index: number, l: number, r: number, b: number, t: number) => number
}

/** Words in reading order as PDFium finds it; boxes in thousandths of the page as it is shown. Never throws. */
export function readWords(library: Pdfium, page: number): Word[] {
  const text = library.FPDFText_LoadPage(page)
  if (!text) return []
  const { wasmExports } = library.pdfium
  const scratch = wasmExports.malloc(48)
  try {
    const count = Math.min(library.FPDFText_CountChars(text), MAX_CHARACTERS)
    return collect(library, page, text, count, scratch)
  } finally {
    wasmExports.free(scratch)
    library.FPDFText_ClosePage(text)
  }
}

function collect(library: Pdfium, page: number, text: number, count: number, scratch: number): Word[] {
  const { pdfium: runtime } = library
  const raw = runtime.wasmExports as unknown as Raw
  const place = placer(library, page, scratch)
  const words: Word[] = []
  let at = new Float64Array(runtime.HEAPU8.buffer, scratch, 4)
  let letters = ''
  let box: Box | null = null
  const end = () => {
    if (letters !== '' && box) words.push({ t: letters, ...place(box) })
    letters = ''
    box = null
  }
  for (let index = 0; index < count; index += 1) {
    const code = raw.FPDFText_GetUnicode(text, index) >>> 0
    if (code <= 0x20 || code === 0xa0 || code === 0xfffe || code > 0x10ffff) {
      end()
      continue
    }
    if (!raw.FPDFText_GetCharBox(text, index, scratch, scratch + 8, scratch + 16, scratch + 24)) continue
    // The heap moves when it grows; a view made for each letter would be most of a page's garbage.
    if (at.buffer !== runtime.HEAPU8.buffer) at = new Float64Array(runtime.HEAPU8.buffer, scratch, 4)
    const left = at[0] as number
    const right = at[1] as number
    const bottom = at[2] as number
    const top = at[3] as number
    // A jump to another line without a space between ends the word too.
    if (box && (bottom > box.top || top < box.bottom)) end()
    letters += String.fromCodePoint(code)
    if (box) grow(box, left, right, bottom, top)
    else box = { left, right, bottom, top }
  }
  end()
  return words
}

function grow(box: Box, left: number, right: number, bottom: number, top: number): void {
  box.left = Math.min(box.left, left)
  box.right = Math.max(box.right, right)
  box.bottom = Math.min(box.bottom, bottom)
  box.top = Math.max(box.top, top)
}

/**
 * From points of the page to thousandths of what is shown. Crop box and rotation are PDFium's business; what it does
 * with them is an affine map (ISO 32000-1 section 8.3.4), read once at three corners of a square of 1000 points.
 */
function placer(library: Pdfium, page: number, scratch: number): (box: Box) => Omit<Word, 't'> {
  const SIDE = 1_000
  const [ox, oy] = toDevice(library, page, 0, 0, scratch)
  const [ax, ay] = toDevice(library, page, SIDE, 0, scratch)
  const [bx, by] = toDevice(library, page, 0, SIDE, scratch)
  const tenth = (value: number) => Math.round(value * 10) / 10
  return (box) => {
    const at = (x: number, y: number) =>
      [ox + ((ax - ox) * x + (bx - ox) * y) / SIDE, oy + ((ay - oy) * x + (by - oy) * y) / SIDE] as const
    const [x1, y1] = at(box.left, box.top)
    const [x2, y2] = at(box.right, box.bottom)
    return {
      x: tenth(Math.min(x1, x2)),
      y: tenth(Math.min(y1, y2)),
      w: tenth(Math.abs(x2 - x1)),
      h: tenth(Math.abs(y2 - y1))
    }
  }
}

function toDevice(library: Pdfium, page: number, x: number, y: number, scratch: number): [number, number] {
  const { pdfium: runtime } = library
  library.FPDF_PageToDevice(page, 0, 0, UNITS, UNITS, 0, x, y, scratch + 32, scratch + 36)
  return [runtime.getValue(scratch + 32, 'i32') / 10, runtime.getValue(scratch + 36, 'i32') / 10]
}
