/**
 * Plain text as pages, set in DejaVu Sans Mono by PDFium. Each page is a document of its own, made when it is asked for:
 * 600 pages in one took 15 s to open.
 */
import { closeSync, openSync, readSync } from 'node:fs'
import { fontBytes } from './fonts.ts'
import { type PdfDocument, PdfError, type Pdfium, pdfium } from './pdfium.ts'
import { type Line, breakLines } from './text-lines.ts'
import type { Word } from './words.ts'

/** A4 in points. */
const PAGE = { width: 595, height: 842 }
const MARGIN = 48
const FONT_SIZE = 9
const LEADING = 12
/** Of DejaVu Sans Mono: every letter is 0.602 em wide. */
const ADVANCE = FONT_SIZE * 0.602
const COLUMNS = Math.floor((PAGE.width - 2 * MARGIN) / ADVANCE)
const LINES = Math.floor((PAGE.height - 2 * MARGIN) / LEADING)

/** Bytes of text that become pages; what is longer is shown as far as this (about 600 pages). */
const MAX_BYTES = 2 * 1024 * 1024
const TRUETYPE = 2

/** Text bytes as a string: by their byte order mark, else UTF-8, else Windows-1252. Never throws. */
export function decodeText(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true })
  } catch {
    return new TextDecoder('windows-1252').decode(bytes)
  }
}

/** Makes pages of a text file. Throws PdfError empty for a file of nothing but white space. */
export async function openText(path: string): Promise<PdfDocument> {
  const text = decodeText(headOf(path))
  if (text.trim() === '') throw new PdfError('empty', 'no_text')
  const library = await pdfium()
  const lines = breakLines(text, COLUMNS)
  const linesOf = (no: number) => lines.slice((no - 1) * LINES, no * LINES)
  let handle = 0
  const close = () => {
    if (handle) library.FPDF_CloseDocument(handle)
    handle = 0
  }
  return {
    library,
    page_count: Math.ceil(lines.length / LINES),
    load: (no) => {
      close()
      handle = library.FPDF_CreateNewDocument()
      setPage(library, handle, linesOf(no))
      return library.FPDF_LoadPage(handle, 0)
    },
    // Known better than PDFium could read it back: letters that the font lacks are drawn as boxes, but can be copied.
    words: (no) => linesOf(no).flatMap(wordsOf),
    close
  }
}

function headOf(path: string): Buffer {
  const head = Buffer.alloc(MAX_BYTES)
  const fd = openSync(path, 'r')
  const read = readSync(fd, head, 0, MAX_BYTES, 0)
  closeSync(fd)
  return head.subarray(0, read)
}

function setPage(library: Pdfium, handle: number, lines: Line[]): void {
  const font = loadFont(library, handle)
  const page = library.FPDFPage_New(handle, 0, PAGE.width, PAGE.height)
  lines.forEach((line, row) => {
    // PDFium would draw two boxes for one letter beyond U+FFFF, and what follows would leave its column.
    const text = line.map((letter) => (letter.length > 1 ? '\ufffd' : letter)).join('')
    if (text.trim() === '') return
    const object = library.FPDFPageObj_CreateTextObj(handle, font, FONT_SIZE)
    const address = utf16(library, text)
    library.FPDFText_SetText(object, address)
    library.pdfium.wasmExports.free(address)
    const baseline = PAGE.height - MARGIN - FONT_SIZE - row * LEADING
    library.FPDFPageObj_Transform(object, 1, 0, 0, 1, MARGIN, baseline)
    library.FPDFPage_InsertObject(page, object)
  })
  library.FPDFPage_GenerateContent(page)
  library.FPDF_ClosePage(page)
}

function loadFont(library: Pdfium, handle: number): number {
  const bytes = fontBytes('DejaVuSansMono')
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

/** A line's words where its columns are. */
function wordsOf(line: Line, row: number): Word[] {
  const words: Word[] = []
  for (let column = 0; column < line.length; column += 1) {
    const start = column
    while (column < line.length && line[column] !== ' ') column += 1
    if (column === start) continue
    words.push({
      t: line.slice(start, column).join(''),
      x: thousandth(MARGIN + start * ADVANCE, PAGE.width),
      y: thousandth(MARGIN + row * LEADING, PAGE.height),
      w: thousandth((column - start) * ADVANCE, PAGE.width),
      h: thousandth(LEADING, PAGE.height)
    })
  }
  return words
}
