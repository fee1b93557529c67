/** One page of a PDF as pixels and as words. */
import type { PdfDocument } from './pdfium.ts'
import { PdfError } from './pdfium.ts'
import { type Word, readWords } from './words.ts'

/** FPDFBitmap_BGR; with FPDF_REVERSE_BYTE_ORDER its bytes are RGB, so that nothing has to be copied (fpdfview.h). */
const BGR = 2
const ANNOT = 0x01
const REVERSE_BYTE_ORDER = 0x10

/** Pixels. A page that is a ribbon is drawn narrower than asked for. */
const MAX_PIXELS = 12_000_000

export type Rendered = {
  width: number
  height: number
  /** RGB, a view into PDFium's memory: to be used up before the next call. */
  rgb: Buffer
  words: Word[]
}

let buffer = { address: 0, size: 0 }

/**
 * Draws a page as its crop box shows it, rotation applied, on white, annotations included.
 *
 * @param no from 1
 * @param width pixels
 * @throws PdfError broken when the page cannot be loaded
 */
export function renderPage(document: PdfDocument, no: number, width: number): Rendered {
  const { library } = document
  const page = document.load(no)
  if (!page) throw new PdfError('broken', 'page_not_readable')
  try {
    const size = sizeOf(library.FPDF_GetPageWidthF(page), library.FPDF_GetPageHeightF(page), width)
    // Words first: reading many makes PDFium's memory grow, which takes every earlier view of it away.
    const words = document.words?.(no) ?? readWords(library, page)
    return { ...size, rgb: draw(document, page, size), words }
  } finally {
    library.FPDF_ClosePage(page)
  }
}

function sizeOf(page_width: number, page_height: number, wanted: number): { width: number; height: number } {
  if (!(page_width > 0 && page_height > 0)) throw new PdfError('broken', 'page_without_size')
  const ratio = page_height / page_width
  const width = Math.max(1, Math.min(wanted, Math.floor(Math.sqrt(MAX_PIXELS / ratio))))
  const height = Math.max(1, Math.round(width * ratio))
  if (width * height > MAX_PIXELS * 1.01) throw new PdfError('too_complex', 'pixels')
  return { width, height }
}

function draw(
  document: PdfDocument,
  page: number,
  { width, height }: { width: number; height: number }
): Buffer {
  const { library } = document
  const { pdfium: runtime } = library
  const bytes = width * height * 3
  if (buffer.size < bytes) {
    if (buffer.address) runtime.wasmExports.free(buffer.address)
    buffer = { address: runtime.wasmExports.malloc(bytes), size: bytes }
  }
  if (!buffer.address) throw new PdfError('too_complex', 'memory')
  const bitmap: number = library.FPDFBitmap_CreateEx(width, height, BGR, buffer.address, width * 3)
  if (!bitmap) throw new PdfError('too_complex', 'memory')
  runtime.HEAPU8.fill(255, buffer.address, buffer.address + bytes)
  library.FPDF_RenderPageBitmap(bitmap, page, 0, 0, width, height, 0, ANNOT | REVERSE_BYTE_ORDER)
  library.FPDFBitmap_Destroy(bitmap)
  return Buffer.from(runtime.HEAPU8.buffer, buffer.address, bytes)
}
