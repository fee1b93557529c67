/** A table (CSV) as other programs write it: its bytes' encoding, what parts its cells, and its lines with their numbers. */
import { IMPORT_LINES_MAX } from '../_shared/contract/import.ts'
import { once } from '../_shared/once.ts'
import { Problem } from '../_shared/problem.ts'
import { fieldOf } from '../_shared/rules/import-columns.ts'

/** Loaded with the first table: most calls of this function read none. */
const library = once(() => import('csv-parse/sync'))

export type Table = {
  encoding: 'utf-8' | 'utf-16' | 'windows-1252'
  separator: string
  /** `line`: where it begins in the file, from 1. Empty lines are left out. */
  rows: { line: number; cells: string[] }[]
}

const SEPARATORS = [';', ',', '\t', '|']
/** Lines that are looked at to find out what parts the cells. */
const LOOK = 20

/** Throws invalid_request, field `file`: it is empty, no table, has a quote that does not end, or too many lines. */
export async function readTable(bytes: Uint8Array): Promise<Table> {
  const { encoding, text } = decode(bytes)
  if (text.trim() === '') throw bad('empty', 'The file is empty.')
  // Excel's own line about the separator.
  const told = /^sep=(.)\n/.exec(text)
  const body = told ? text.slice(told[0].length) : text
  const separator = told?.[1] ?? (await separatorIn(body))
  const before = told ? 1 : 0
  const rows = (await parse(body, separator))
    .map(({ line, cells }) => ({ line: line + before, cells }))
    .filter(({ cells }) => cells.some((cell) => cell.trim() !== ''))
  if (rows.length === 0) throw bad('empty', 'The file is empty.')
  if (rows.length > IMPORT_LINES_MAX + 1) throw bad('too_many_lines', 'The table has too many lines.')
  return { encoding, separator, rows }
}

async function parse(text: string, separator: string, to = -1): Promise<Table['rows']> {
  const { parse: parseSync } = await library()
  const rows: Table['rows'] = []
  let last = 0
  const take = (cells: string[], { lines }: { lines: number }): null => {
    rows.push({ line: last + 1, cells })
    last = lines
    return null
  }
  try {
    parseSync(text, {
      ...{ delimiter: separator, record_delimiter: '\n', to, on_record: take },
      ...{ relax_column_count: true, relax_quotes: true, max_record_size: 100_000 }
    })
    return rows
  } catch (cause) {
    // What went wrong began after the last line that was whole.
    throw bad(`quote:${last + 1}`, 'A quote does not end, or a line is endless.', cause)
  }
}

/** The one by which the first line has most headings that are known, then by which the lines have most cells. */
async function separatorIn(text: string): Promise<string> {
  let best = { separator: ',', points: -1 }
  for (const separator of SEPARATORS) {
    const rows = await parse(text, separator, LOOK).catch(() => [])
    const heads = rows[0]?.cells ?? []
    const known = heads.filter((head) => fieldOf(head) !== null).length
    const full = rows.filter(({ cells }) => cells.some((cell) => cell.trim() !== ''))
    const points = known * 1_000 + Math.min(...full.map(({ cells }) => cells.length), 100)
    if (points > best.points) best = { separator, points }
  }
  return best.separator
}

/** By its mark, by the nulls that UTF-16 has between Latin letters, else UTF-8; what is none of these is Windows' own. */
function decode(bytes: Uint8Array): Pick<Table, 'encoding'> & { text: string } {
  const [a, b] = bytes
  if (a === 0x50 && b === 0x4b) throw bad('workbook', 'This is a workbook, not a table of text.')
  if (a === 0xd0 && b === 0xcf) throw bad('workbook', 'This is a workbook, not a table of text.')
  const wide = (a === 0xff && b === 0xfe) || isWide(bytes, 1) ? 'utf-16le' : null
  const turned = (a === 0xfe && b === 0xff) || isWide(bytes, 0) ? 'utf-16be' : null
  const utf16 = wide ?? turned
  if (utf16) return { encoding: 'utf-16', text: plain(new TextDecoder(utf16).decode(bytes)) }
  try {
    return { encoding: 'utf-8', text: plain(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) }
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    return { encoding: 'windows-1252', text: plain(new TextDecoder('windows-1252').decode(bytes)) }
  }
}

/** Whether every other byte of the beginning is null. */
function isWide(bytes: Uint8Array, offset: 0 | 1): boolean {
  const head = bytes.subarray(0, 64)
  let nulls = 0
  for (let at = offset; at < head.length; at += 2) nulls += head[at] === 0 ? 1 : 0
  return head.length >= 4 && nulls > head.length / 4
}

/** With one kind of line breaks, by which lines are counted. */
function plain(text: string): string {
  if (text.includes('\0')) throw bad('no_table', 'This is no table of text.')
  return text.replace(/\r\n?/g, '\n')
}

const bad = (code: string, detail: string, cause?: unknown) =>
  new Problem('invalid_request', detail, { cause, errors: [{ field: 'file', code, detail }] })
