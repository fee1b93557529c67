/** Source code: letters of one width, each line with its number. */
import { A4, MARGIN, type Sheets } from '../sheets.ts'
import { breakLines } from '../text-lines.ts'
import { MONO, lineMark } from './mono.ts'

const GUTTER = 6
const COLUMNS = Math.floor((A4.width - 2 * MARGIN) / MONO.advance) - GUTTER
const GREY = 120

export function codeSheets(text: string): Sheets {
  /** Rows at which a line of the file begins. */
  const starts: number[] = []
  const rows = breakLines(text.replace(/\r?\n$/, ''), COLUMNS, starts)
  const numbers = new Map(starts.map((row, index) => [row, index + 1]))
  const markOf = (at: number, row: number) => {
    const no = numbers.get(at)
    const number = String(no ?? '').padStart(GUTTER - 2)
    return [
      ...(no === undefined ? [] : [{ ...lineMark(number, MARGIN, row), grey: GREY, aside: true }]),
      lineMark(rows[at]?.join('') ?? '', MARGIN + GUTTER * MONO.advance, row)
    ]
  }
  return {
    count: Math.ceil(rows.length / MONO.lines),
    of: (no) => {
      const first = (no - 1) * MONO.lines
      const count = Math.min(MONO.lines, rows.length - first)
      const marks = Array.from({ length: count }, (_, row) => markOf(first + row, row)).flat()
      return { ...A4, boxes: [], marks }
    }
  }
}
