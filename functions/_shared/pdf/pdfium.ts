/**
 * PDFium as WebAssembly, for use in a worker thread: it reads strangers' bytes, may hang, and its memory goes with the
 * thread. Files are read block by block from disk: a large document is never in memory as a whole.
 */
import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs'
import { type WrappedPdfiumModule, init } from '@embedpdf/pdfium'
import type { Word } from './words.ts'

/** Why a document cannot be shown: the reasons of contract PreviewResult. */
export class PdfError extends Error {
  readonly result: 'broken' | 'encrypted' | 'too_complex' | 'empty'
  constructor(result: PdfError['result'], reason: string) {
    super(reason)
    this.name = 'PdfError'
    this.result = result
  }
}

export type Pdfium = WrappedPdfiumModule

let loaded: Promise<Pdfium> | undefined

/** The library, instantiated once a thread. */
export function pdfium(): Promise<Pdfium> {
  loaded ??= load()
  return loaded
}

async function load(): Promise<Pdfium> {
  const wasm = readFileSync(new URL(import.meta.resolve('@embedpdf/pdfium/pdfium.wasm')))
  const library = await init({
    wasmBinary: wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.length),
    print: () => {},
    printErr: () => {}
  })
  library.PDFiumExt_Init()
  return library
}

/** A document opened by PDFium. Everything on it is synchronous; `close` frees its memory. */
export type PdfDocument = {
  library: Pdfium
  page_count: number
  /** A page's handle, `no` from 1; 0 when it cannot be read. The caller closes it before the next. */
  load: (no: number) => number
  /** The page's words where they are known without PDFium. */
  words?: (no: number) => Word[]
  close: () => void
}

/** FPDF_GetLastError's numbers (fpdfview.h). */
const PASSWORD = 4
const SECURITY = 5

/** Pages that a document may have; more is a bomb or a phone book. */
const MAX_PAGES = 5_000

/**
 * Opens a PDF file.
 *
 * @throws PdfError: broken, encrypted (a password is needed to open it), too_complex, empty (no pages)
 */
export async function openPdf(path: string): Promise<PdfDocument> {
  const library = await pdfium()
  const file = blockReader(library, path)
  const handle = library.FPDF_LoadCustomDocument(file.access, '')
  if (!handle) {
    const error = library.FPDF_GetLastError()
    file.close()
    if (error === PASSWORD) throw new PdfError('encrypted', 'password')
    if (error === SECURITY) throw new PdfError('encrypted', 'security_handler')
    throw new PdfError('broken', 'not_readable')
  }
  const page_count = library.FPDF_GetPageCount(handle)
  const close = () => {
    library.FPDF_CloseDocument(handle)
    file.close()
  }
  if (page_count >= 1 && page_count <= MAX_PAGES) {
    const load = (no: number) => library.FPDF_LoadPage(handle, no - 1)
    return { library, page_count, load, close }
  }
  close()
  throw page_count > MAX_PAGES ? new PdfError('too_complex', 'pages') : new PdfError('empty', 'no_pages')
}

/** An FPDF_FILEACCESS {length, function, parameter} over a file. */
function blockReader(library: Pdfium, path: string): { access: number; close: () => void } {
  const { pdfium: runtime } = library
  const fd = openSync(path, 'r')
  const getBlock = runtime.addFunction(
    (_: number, position: number, buffer: number, size: number): number => {
      try {
        // The heap's view is taken anew: it moves when memory grows.
        return readSync(fd, runtime.HEAPU8, buffer >>> 0, size >>> 0, position >>> 0) === size ? 1 : 0
      } catch {
        return 0
      }
    },
    'iiiii'
  )
  const access = runtime.wasmExports.malloc(12)
  runtime.setValue(access, fstatSync(fd).size, 'i32')
  runtime.setValue(access + 4, getBlock, 'i32')
  runtime.setValue(access + 8, 0, 'i32')
  return {
    access,
    close: () => {
      runtime.removeFunction(getBlock)
      runtime.wasmExports.free(access)
      closeSync(fd)
    }
  }
}
