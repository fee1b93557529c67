/** Tables that spreadsheets open (RFC 4180). Pure. */

/** Excel takes a file without it for the machine's old code page. */
export const BYTE_ORDER_MARK = '\uFEFF'

/** What a spreadsheet would run as a formula (OWASP, CSV injection). */
const FORMULA = /^[=+\-@\t\r]/

/** One line. Cells that would be a formula get an apostrophe before them, so that they stay text. */
export const csvLine = (cells: (string | number | null)[]): string => `${cells.map(cell).join(',')}\r\n`

function cell(value: string | number | null): string {
  const text = String(value ?? '')
  const harmless = FORMULA.test(text) ? `'${text}` : text
  return /[",\r\n\t]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
}
