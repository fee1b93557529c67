/** Tables that spreadsheets open (RFC 4180). Pure. */
import type { Locale } from '../contract/common.ts'

/** Excel takes a file without it for the machine's old code page. */
export const BYTE_ORDER_MARK = '\uFEFF'

/** What a spreadsheet would run as a formula (OWASP, CSV injection). */
const FORMULA = /^[=+\-@\t\r]/

export type Separator = ',' | ';'

/** What Excel splits at, where the comma stands in numbers; it asks nobody. */
export const separatorOf = (locale: Locale): Separator => (locale === 'en' ? ',' : ';')

/** One line. Cells that would be a formula get an apostrophe before them, so that they stay text. */
export const csvLine = (cells: (string | number | null)[], separator: Separator = ','): string =>
  `${cells.map(cell).join(separator)}\r\n`

/** Either separator is quoted: a program that splits at the other one still meets whole cells. */
function cell(value: string | number | null): string {
  const text = String(value ?? '')
  const harmless = FORMULA.test(text) ? `'${text}` : text
  return /[",;\r\n\t]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
}
