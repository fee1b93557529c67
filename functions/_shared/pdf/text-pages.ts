/** Plain text as pages: set with DejaVu Sans Mono by PDFium itself, so that text is drawn, split and selected like any PDF. */
import { readFileSync } from 'node:fs'
import { fontBytes } from './fonts.ts'
import { type Pdfium, type PdfDocument, PdfError, pdfium } from './pdfium.ts'

/** A4 in points. */
const PAGE = { width: 595, height: 842 }
const MARGIN = 48
const FONT_SIZE = 9
const LEADING = 12
/** Of DejaVu Sans Mono: every letter is 0.602 em wide. */
const COLUMNS = Math.floor((PAGE.width - 2 * MARGIN) / (FONT_SIZE * 0.602))
const LINES = Math.floor((PAGE.height - 2 * MARGIN) / LEADING)

/** Bytes of text that become pages; what is longer is shown as far as this (about 400 pages). */
const MAX_BYTES = 2 * 1024 * 1024
const TRUETYPE = 2

/** The lines as they are printed: tabs to the next stop of 8, long lines broken at spaces where there are any. */
export function breakLines(text: string): string[] {
  return text.split(/\r\n|\n|\r|\f/).flatMap((line) => fold(expandTabs(line)))
}

function expandTabs(line: string): string {
  let out = ''
  for (const part of line.split('\t')) out += (out === '' ? '' : ' '.repeat(8 - ([...out].length % 8))) + part
  // Control and bidirectional marks would move other letters about.
  return out.replace(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '')
}

function fold(line: string): string[] {
  const out: string[] = []
  let rest = [...line]
  while (rest.length > COLUMNS) {
    const space = rest.slice(0, COLUMNS).lastIndexOf(' ')
    const cut = space > COLUMNS / 2 ? space + 1 : COLUMNS
    out.push(rest.slice(0, cut).join('').trimEnd())
    rest = rest.slice(cut)
  }
  return [...out, rest.join('')]
}

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
  const text = decodeText(readFileSync(path).subarray(0, MAX_BYTES))
  if (text.trim() === '') throw new PdfError('empty', 'no_text')
  const library = await pdfium()
  const handle = library.FPDF_CreateNewDocument()
  const lines = breakLines(text)
  const font = loadFont(library, handle)
  for (let first = 0; first < lines.length; first += LINES)
    setPage(library, handle, font, first / LINES, lines.slice(first, first + LINES))
  return {
    library,
    handle,
    page_count: library.FPDF_GetPageCount(handle),
    close: () => library.FPDF_CloseDocument(handle)
  }
}

function loadFont(library: Pdfium, handle: number): number {
  const bytes = fontBytes('DejaVuSansMono')
  const address = library.pdfium.wasmExports.malloc(bytes.length)
  library.pdfium.HEAPU8.set(bytes, address)
  const font = library.FPDFText_LoadFont(handle, address, bytes.length, TRUETYPE, true)
  library.pdfium.wasmExports.free(address)
  return font
}

function setPage(library: Pdfium, handle: number, font: number, index: number, lines: string[]): void {
  const page = library.FPDFPage_New(handle, index, PAGE.width, PAGE.height)
  lines.forEach((line, row) => {
    if (line.trim() === '') return
    const object = library.FPDFPageObj_CreateTextObj(handle, font, FONT_SIZE)
    const text = utf16(library, line)
    library.FPDFText_SetText(object, text)
    library.pdfium.wasmExports.free(text)
    library.FPDFPageObj_Transform(
      object,
      1,
      0,
      0,
      1,
      MARGIN,
      PAGE.height - MARGIN - FONT_SIZE - row * LEADING
    )
    library.FPDFPage_InsertObject(page, object)
  })
  library.FPDFPage_GenerateContent(page)
  library.FPDF_ClosePage(page)
}

/** UTF-16LE, NUL-ended, in PDFium's memory; the caller frees it. */
function utf16(library: Pdfium, text: string): number {
  const bytes = Buffer.from(`${text}\0`, 'utf16le')
  const address = library.pdfium.wasmExports.malloc(bytes.length)
  library.pdfium.HEAPU8.set(bytes, address)
  return address
}
