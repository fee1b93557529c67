/** Lines of letters of one width. */
import { A4, MARGIN, type Mark } from '../sheets.ts'

const SIZE = 9
const LEADING = 12

export const MONO = {
  /** Points of a letter: every one of DejaVu Sans Mono is 0.602 em wide. */
  advance: SIZE * 0.602,
  /** That fit on a page. */
  lines: Math.floor((A4.height - 2 * MARGIN) / LEADING)
}

/** A line's mark; `row` from 0. */
export const lineMark = (text: string, x: number, row: number): Mark => ({
  text,
  x,
  y: MARGIN + row * LEADING,
  face: 'DejaVuSansMono',
  size: SIZE,
  leading: LEADING
})
