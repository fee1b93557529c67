/**
 * A table of separated values on pages, A4 across. Columns that find no room beside each other go on further pages, as
 * a spreadsheet is printed; the head is on each.
 */
import { type Face, widthOf } from '../font-metrics.ts'
import { A4, MARGIN, type Sheet, type Sheets } from '../sheets.ts'
import { readTable } from './separated.ts'

const PAPER = { width: A4.height, height: A4.width }
const SIZE = 8.5
const LEADING = 12
const PAD = 5
/** Points. */
const NARROW = 30
const WIDE = 230
/** Lines of a cell that are shown; a page has forty. */
const MAX_LINES = 12
/** Rows that decide how wide a column is. */
const LOOKED_AT = 400

const HEIGHT = PAPER.height - 2 * MARGIN
const WIDTH = PAPER.width - 2 * MARGIN
const faceOf = (row: number): Face => (row === 0 ? 'DejaVuSans-Bold' : 'DejaVuSans')

type Band = { from: number; to: number }

export function tableSheets(text: string): Sheets {
  const rows = readTable(text)
  const widths = columnWidths(rows)
  const cells = (row: number, column: number) =>
    wrap(rows[row]?.[column] ?? '', (widths[column] ?? NARROW) - 2 * PAD, faceOf(row))
  const heights = rows.map((row, no) => {
    const lines = row.reduce((most, _, column) => Math.max(most, cells(no, column).length), 1)
    return lines * LEADING + PAD
  })
  const bands = inBands(widths, WIDTH)
  const blocks = inBands(heights.slice(1), HEIGHT - (heights[0] ?? 0))

  const sheetOf = (block: Band, band: Band): Sheet => {
    const sheet: Sheet = { ...PAPER, marks: [], boxes: [] }
    let y = MARGIN
    for (const row of [0, ...range(block.from + 1, block.to + 1)]) {
      const height = heights[row] ?? LEADING
      let x = MARGIN
      const across = range(band.from, band.to).reduce((sum, column) => sum + (widths[column] ?? 0), 0)
      if (row === 0) sheet.boxes.push({ x, y, width: across, height, grey: 235 })
      sheet.boxes.push({ x, y: y + height - 0.5, width: across, height: 0.5, grey: 200 })
      for (const column of range(band.from, band.to)) {
        cells(row, column).forEach((line, no) =>
          sheet.marks.push({
            text: line,
            x: x + PAD,
            y: y + PAD / 2 + no * LEADING,
            face: faceOf(row),
            size: SIZE,
            leading: LEADING
          })
        )
        x += widths[column] ?? 0
      }
      y += height
    }
    return sheet
  }
  return {
    count: blocks.length * bands.length,
    of: (no) =>
      sheetOf(
        blocks[Math.floor((no - 1) / bands.length)] ?? { from: 0, to: 0 },
        bands[(no - 1) % bands.length] ?? { from: 0, to: 0 }
      )
  }
}

const range = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index)

function columnWidths(rows: string[][]): number[] {
  const widths: number[] = []
  rows.slice(0, LOOKED_AT).forEach((row, no) =>
    row.forEach((cell, column) => {
      const wide = Math.min(WIDE, widthOf(cell.slice(0, 100), faceOf(no), SIZE) + 2 * PAD + 1)
      widths[column] = Math.max(widths[column] ?? NARROW, wide)
    })
  )
  // A row further down may have more columns than those that were looked at.
  const most = rows.reduce((count, row) => Math.max(count, row.length), 0)
  return Array.from({ length: most }, (_, column) => widths[column] ?? WIDE / 2)
}

/** Neighbours that fit into `most` points together; at least one, at least one of them. */
function inBands(sizes: number[], most: number): Band[] {
  const bands: Band[] = []
  let from = 0
  let used = 0
  sizes.forEach((size, at) => {
    if (at > from && used + size > most) {
      bands.push({ from, to: at })
      from = at
      used = 0
    }
    used += size
  })
  bands.push({ from, to: sizes.length })
  return bands
}

/** A cell's lines. One that would go on beyond its place says so. */
function wrap(text: string, width: number, face: Face): string[] {
  if (text.length * SIZE * 0.3 <= width && widthOf(text, face, SIZE) <= width) return [text]
  const lines: string[] = []
  let line = ''
  let used = 0
  for (const piece of text.slice(0, 2_000).split(/(?<= )/)) {
    const wide = widthOf(piece.trimEnd(), face, SIZE)
    if (line !== '' && used + wide > width) {
      lines.push(line.trimEnd())
      line = ''
      used = 0
    }
    for (const letter of wide > width ? piece : [piece]) {
      const one = widthOf(letter, face, SIZE)
      if (wide > width && used + one > width) {
        lines.push(line)
        line = ''
        used = 0
      }
      line += letter
      used += one
    }
    if (lines.length >= MAX_LINES) break
  }
  lines.push(line.trimEnd())
  return lines.length <= MAX_LINES ? lines : [...lines.slice(0, MAX_LINES - 1), '…']
}
