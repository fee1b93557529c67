/** The words of a PDF page with their boxes, for text that can be selected over the page's image. */
import type { z } from 'zod'
import type { PageText } from '../contract/document.ts'
import type { Pdfium } from './pdfium.ts'

type Word = z.infer<typeof PageText>['words'][number]

/** Characters of one page that are read; a page of a book has 3,000. */
const MAX_CHARACTERS = 60_000
/** Device units over which PDFium maps the page: tenths of a thousandth. */
const UNITS = 10_000

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

type Box = { left: number; right: number; bottom: number; top: number }

function collect(library: Pdfium, page: number, text: number, count: number, scratch: number): Word[] {
  const words: Word[] = []
  let letters = ''
  let box: Box | null = null
  const end = () => {
    if (letters !== '' && box) words.push({ t: letters, ...onPage(library, page, box, scratch) })
    letters = ''
    box = null
  }
  for (let index = 0; index < count; index += 1) {
    const code = library.FPDFText_GetUnicode(text, index)
    if (code <= 0x20 || code === 0xa0 || code === 0xfffe || code > 0x10ffff) {
      end()
      continue
    }
    const next = charBox(library, text, index, scratch)
    if (!next) continue
    // A jump to another line without a space between ends the word too.
    if (box && (next.bottom > box.top || next.top < box.bottom)) end()
    letters += String.fromCodePoint(code)
    box = box ? union(box, next) : next
  }
  end()
  return words
}

function charBox(library: Pdfium, text: number, index: number, scratch: number): Box | null {
  const { pdfium: runtime } = library
  if (!library.FPDFText_GetCharBox(text, index, scratch, scratch + 8, scratch + 16, scratch + 24)) return null
  const at = (offset: number) => runtime.getValue(scratch + offset, 'double')
  return { left: at(0), right: at(8), bottom: at(16), top: at(24) }
}

const union = (a: Box, b: Box): Box => ({
  left: Math.min(a.left, b.left),
  right: Math.max(a.right, b.right),
  bottom: Math.min(a.bottom, b.bottom),
  top: Math.max(a.top, b.top)
})

/** From points of the page to thousandths of what is shown: crop box and rotation are PDFium's business. */
function onPage(library: Pdfium, page: number, box: Box, scratch: number): Omit<Word, 't'> {
  const [x1, y1] = toDevice(library, page, box.left, box.top, scratch)
  const [x2, y2] = toDevice(library, page, box.right, box.bottom, scratch)
  return {
    x: Math.min(x1, x2),
    y: Math.min(y1, y2),
    w: Math.round(Math.abs(x2 - x1) * 10) / 10,
    h: Math.round(Math.abs(y2 - y1) * 10) / 10
  }
}

function toDevice(library: Pdfium, page: number, x: number, y: number, scratch: number): [number, number] {
  const { pdfium: runtime } = library
  library.FPDF_PageToDevice(page, 0, 0, UNITS, UNITS, 0, x, y, scratch + 32, scratch + 36)
  return [runtime.getValue(scratch + 32, 'i32') / 10, runtime.getValue(scratch + 36, 'i32') / 10]
}
