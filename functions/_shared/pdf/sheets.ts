/**
 * Pages that we lay out ourselves, drawn by PDFium. Each is made when it is asked for, in the place of the one before:
 * 600 pages in one document took 15 s to open, a document of its own for each loads its fonts anew (100 ms).
 */
import { type Face, REPLACED, widthOf } from './font-metrics.ts'
import { fontBytes } from './fonts.ts'
import { type PdfDocument, type Pdfium, pdfium } from './pdfium.ts'
import type { Word } from './words.ts'

/** A piece of text in one line. Points from the top left; `y` is the top of a line of `leading`. */
export type Mark = {
  text: string
  x: number
  y: number
  face: Face
  size: number
  leading: number
  /** 0 black to 255 white. */
  grey?: number
  /** To be looked at only: a line's number is not part of the text that one copies. */
  aside?: boolean
}
/** A filled area: a rule, a bar, a background. */
export type Box = { x: number; y: number; width: number; height: number; grey: number }
export type Sheet = { width: number; height: number; marks: Mark[]; boxes: Box[] }
/** `of` takes a page's number from 1. */
export type Sheets = { count: number; of: (no: number) => Sheet }

/** Points. */
export const A4 = { width: 595, height: 842 }
export const MARGIN = 48

const TRUETYPE = 2
/** Pages after which a document is begun anew: what was deleted still takes room in it. */
const PAGES_A_DOCUMENT = 40
/** FPDF_FILLMODE_WINDING (fpdf_edit.h). */
const WINDING = 2

export async function openSheets(sheets: Sheets): Promise<PdfDocument> {
  const library = await pdfium()
  const fonts = new Map<Face, number>()
  let handle = 0
  let made = 0
  const close = () => {
    if (handle) library.FPDF_CloseDocument(handle)
    fonts.clear()
    handle = 0
    made = 0
  }
  return {
    library,
    page_count: sheets.count,
    load: (no) => {
      if (made === PAGES_A_DOCUMENT) close()
      if (handle) library.FPDFPage_Delete(handle, 0)
      else handle = library.FPDF_CreateNewDocument()
      made += 1
      setPage(library, handle, sheets.of(no), fonts)
      return library.FPDF_LoadPage(handle, 0)
    },
    // Known better than PDFium could read it back: letters that the font lacks are drawn as boxes, but can be copied.
    words: (no) => {
      const sheet = sheets.of(no)
      return sheet.marks.filter((mark) => !mark.aside).flatMap((mark) => wordsOf(mark, sheet))
    },
    close
  }
}

function setPage(library: Pdfium, handle: number, sheet: Sheet, fonts: Map<Face, number>): void {
  const page = library.FPDFPage_New(handle, 0, sheet.width, sheet.height)
  for (const { x, y, width, height, grey } of sheet.boxes) {
    const object = library.FPDFPageObj_CreateNewRect(x, sheet.height - y - height, width, height)
    library.FPDFPageObj_SetFillColor(object, grey, grey, grey, 255)
    library.FPDFPath_SetDrawMode(object, WINDING, false)
    library.FPDFPage_InsertObject(page, object)
  }
  for (const mark of sheet.marks) {
    const font = fonts.get(mark.face) ?? loadFont(library, handle, mark.face)
    fonts.set(mark.face, font)
    setMark(library, { handle, page, font }, mark, sheet)
  }
  library.FPDFPage_GenerateContent(page)
  library.FPDF_ClosePage(page)
}

type Target = { handle: number; page: number; font: number }

function setMark(library: Pdfium, { handle, page, font }: Target, mark: Mark, sheet: Sheet): void {
  if (mark.text.trim() === '') return
  const object = library.FPDFPageObj_CreateTextObj(handle, font, mark.size)
  const address = utf16(library, mark.text.replace(/[\u{10000}-\u{10ffff}]/gu, REPLACED))
  library.FPDFText_SetText(object, address)
  library.pdfium.wasmExports.free(address)
  const grey = mark.grey ?? 0
  library.FPDFPageObj_SetFillColor(object, grey, grey, grey, 255)
  // Letters stand in the middle of their line: a line's rest, half above and half below.
  const baseline = sheet.height - mark.y - (mark.leading - mark.size) / 2 - mark.size * 0.8
  library.FPDFPageObj_Transform(object, 1, 0, 0, 1, mark.x, baseline)
  library.FPDFPage_InsertObject(page, object)
}

function loadFont(library: Pdfium, handle: number, face: Face): number {
  const bytes = fontBytes(face)
  const address = library.pdfium.wasmExports.malloc(bytes.length)
  library.pdfium.HEAPU8.set(bytes, address)
  const font = library.FPDFText_LoadFont(handle, address, bytes.length, TRUETYPE, true)
  library.pdfium.wasmExports.free(address)
  return font
}

/** UTF-16LE, NUL-ended, in PDFium's memory; the caller frees it. */
function utf16(library: Pdfium, text: string): number {
  const bytes = Buffer.from(`${text}\0`, 'utf16le')
  const address = library.pdfium.wasmExports.malloc(bytes.length)
  library.pdfium.HEAPU8.set(bytes, address)
  return address
}

const thousandth = (value: number, of: number) => Math.round((value / of) * 10_000) / 10

/** A mark's words where they stand. */
function wordsOf(mark: Mark, sheet: Sheet): Word[] {
  const words: Word[] = []
  let x = mark.x
  for (const piece of mark.text.split(/( +)/)) {
    const width = widthOf(piece, mark.face, mark.size)
    if (piece.trim() !== '')
      words.push({
        t: piece,
        x: thousandth(x, sheet.width),
        y: thousandth(mark.y, sheet.height),
        w: thousandth(width, sheet.width),
        h: thousandth(mark.leading, sheet.height)
      })
    x += width
  }
  return words
}
