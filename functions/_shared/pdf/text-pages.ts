/** Files of text as pages: as it stands, with line numbers, or laid out as what it is. */
import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { codeSheets } from './layout/code.ts'
import { htmlText } from './layout/html-text.ts'
import { mailSheets } from './layout/mail.ts'
import { MAX_MARKDOWN, markdownSheets } from './layout/markdown.ts'
import { plainSheets } from './layout/plain.ts'
import { tableSheets } from './layout/table.ts'
import { type PdfDocument, PdfError } from './pdfium.ts'
import { type Sheets, openSheets } from './sheets.ts'

/** How a text becomes pages. */
export type TextForm = 'plain' | 'code' | 'html' | 'table' | 'markdown' | 'mail'

/** Bytes of text that become pages; what is longer is shown as far as this (about 600 pages). */
const MAX_BYTES = 2 * 1024 * 1024

/** Text bytes as a string: by their byte order mark, else UTF-8, else Windows-1252. Never throws. */
export function decodeText(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true })
  } catch {
    return new TextDecoder('windows-1252').decode(bytes)
  }
}

/**
 * Makes pages of a text file.
 *
 * @throws PdfError empty for a file of nothing but white space, broken or too_complex for a mail that cannot be read
 */
export async function openText(path: string, form: TextForm): Promise<PdfDocument> {
  return openSheets(form === 'mail' ? await mailSheets(path) : sheetsOf(textOf(path), form))
}

function sheetsOf(text: string, form: Exclude<TextForm, 'mail'>): Sheets {
  switch (form) {
    case 'plain':
      return plainSheets(text)
    case 'code':
      return codeSheets(text)
    case 'html':
      return plainSheets(htmlText(text))
    case 'table':
      return tableSheets(text)
    case 'markdown':
      return text.length > MAX_MARKDOWN ? plainSheets(text) : markdownOf(text)
  }
}

/** Quotes within quotes a hundred thousand deep are nobody's letter; as it stands it can be read all the same. */
function markdownOf(text: string): Sheets {
  try {
    return markdownSheets(text)
  } catch (error) {
    if (error instanceof RangeError) return plainSheets(text)
    throw error
  }
}

function textOf(path: string): string {
  const text = decodeText(headOf(path))
  if (text.trim() === '') throw new PdfError('empty', 'no_text')
  return text
}

function headOf(path: string): Buffer {
  const fd = openSync(path, 'r')
  try {
    const head = Buffer.alloc(Math.min(MAX_BYTES, statSync(path).size))
    return head.subarray(0, readSync(fd, head, 0, head.length, 0))
  } finally {
    closeSync(fd)
  }
}
