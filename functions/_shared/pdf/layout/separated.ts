/** Separated values (RFC 4180, and what Excel writes): by semicolon, comma, tab or bar, cells in quotes or not. */
import { printable } from '../text-lines.ts'

/** What can still be looked at on paper (500 pages); what is beyond is left out, and a last row says so. */
const MAX_COLUMNS = 256
const MAX_ROWS = 20_000
const SEPARATORS = [';', ',', '\t', '|']

/** Rows of cells; empty rows are left out. Never throws. */
export function readTable(text: string): string[][] {
  const said = /^\uFEFF?sep=(.)\r?\n/i.exec(text)
  const body = text.slice(said ? said[0].length : text.startsWith('\uFEFF') ? 1 : 0)
  return split(body, said?.[1] ?? separatorOf(body))
}

/** The one by which the first rows come to the same number of cells, the most of them. */
function separatorOf(text: string): string {
  const head = text.slice(0, 20_000)
  let best = { separator: ',', columns: 1, even: 0 }
  for (const separator of SEPARATORS) {
    const counts = split(head, separator)
      .slice(0, 20)
      .map((row) => row.length)
    const columns = counts[0] ?? 1
    const even = counts.filter((count) => count === columns).length
    if (columns > 1 && (even > best.even || (even === best.even && columns > best.columns)))
      best = { separator, columns, even }
  }
  return best.separator
}

function split(text: string, separator: string): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  let at = 0
  const endRow = () => {
    if (row.some((cell) => cell !== '')) rows.push(row)
    row = []
  }
  while (at < text.length && rows.length < MAX_ROWS) {
    const { cell, next } = readCell(text, at, separator)
    if (row.length < MAX_COLUMNS) row.push(cell)
    at = next
    if (text[at] === separator) {
      at += 1
      if (at === text.length && row.length < MAX_COLUMNS) row.push('')
      continue
    }
    endRow()
    at += text.startsWith('\r\n', at) ? 2 : 1
  }
  endRow()
  return at < text.length ? [...rows, ['…']] : rows
}

/** The cell at a place, and where it ends: at a separator, at a line's end, or with the text. */
function readCell(text: string, from: number, separator: string): { cell: string; next: number } {
  let quoted = ''
  let at = from
  if (text[at] === '"') {
    at += 1
    for (;;) {
      const end = text.indexOf('"', at)
      if (end < 0) return { cell: clean(text.slice(from, lineEnd(text, from))), next: lineEnd(text, from) }
      quoted += text.slice(at, end)
      at = end + 1
      if (text[at] !== '"') break
      quoted += '"'
      at += 1
    }
  }
  const start = at
  while (at < text.length && text[at] !== separator && text[at] !== '\n' && text[at] !== '\r') at += 1
  return { cell: clean(quoted + text.slice(start, at)), next: at }
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from)
  return end < 0 ? text.length : end
}

const clean = (cell: string): string => printable(cell.replace(/\s+/g, ' ')).trim()
