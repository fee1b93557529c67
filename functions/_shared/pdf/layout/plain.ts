/** Plain text on A4, in letters of one width. */
import { A4, MARGIN, type Sheets } from '../sheets.ts'
import { breakLines } from '../text-lines.ts'
import { MONO, lineMark } from './mono.ts'

const COLUMNS = Math.floor((A4.width - 2 * MARGIN) / MONO.advance)

export function plainSheets(text: string): Sheets {
  const lines = breakLines(text, COLUMNS)
  return {
    count: Math.ceil(lines.length / MONO.lines),
    of: (no) => ({
      ...A4,
      boxes: [],
      marks: lines
        .slice((no - 1) * MONO.lines, no * MONO.lines)
        .map((line, row) => lineMark(line.join(''), MARGIN, row))
    })
  }
}
