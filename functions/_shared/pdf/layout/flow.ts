/** Text that flows down A4 pages: spans in their faces, broken at spaces, with room before and a bar or a ground. */
import { type Face, widthOf } from '../font-metrics.ts'
import { A4, type Box, MARGIN, type Mark, type Sheet, type Sheets } from '../sheets.ts'
import { printable } from '../text-lines.ts'

export type Span = { text: string; face: Face }
export type Style = {
  /** Points. */
  size: number
  /** From the margin. */
  indent?: number
  before?: number
  grey?: number
  /** A bar at the left, as quotes have it. */
  bar?: boolean
  /** A light ground behind it. */
  ground?: boolean
  /** What stands left of the first line, as a list's bullet. */
  sign?: string
}

/** A line height of 1.45, as in the portal itself. */
const leadingOf = (size: number) => Math.round(size * 1.45 * 2) / 2
const RIGHT = A4.width - MARGIN
const BOTTOM = A4.height - MARGIN

export class Flow {
  readonly #pages: Sheet[] = []
  #y = BOTTOM

  get sheets(): Sheets {
    if (this.#pages.length === 0) this.#turn()
    const pages = this.#pages
    return { count: pages.length, of: (no) => pages[no - 1] ?? { ...A4, marks: [], boxes: [] } }
  }

  #turn(): Sheet {
    const page: Sheet = { ...A4, marks: [], boxes: [] }
    this.#pages.push(page)
    this.#y = MARGIN
    return page
  }

  /** Room for a line of this height: on this page, or on the next. */
  #room(height: number): Sheet {
    const page = this.#pages.at(-1)
    return page && this.#y + height <= BOTTOM ? page : this.#turn()
  }

  /** A line across the page. */
  rule(): void {
    this.#room(16).boxes.push({ x: MARGIN, y: this.#y + 8, width: RIGHT - MARGIN, height: 0.75, grey: 190 })
    this.#y += 16
  }

  /** A paragraph; line feeds in it are kept. */
  text(spans: Span[], style: Style): void {
    const x = MARGIN + (style.indent ?? 0)
    const leading = leadingOf(style.size)
    if (this.#pages.length > 0 && this.#y > MARGIN) this.#y += style.before ?? 0
    let sign = style.sign
    for (const line of linesOf(spans, Math.max(60, RIGHT - x), style.size)) {
      const page = this.#room(leading)
      page.boxes.push(...groundOf(style, x, this.#y, leading))
      const mark = (text: string, at: number, face: Face): Mark => ({
        text,
        x: at,
        y: this.#y,
        face,
        size: style.size,
        leading,
        grey: style.grey ?? 0
      })
      if (sign) page.marks.push(mark(sign, x - 6 - widthOf(sign, 'DejaVuSans', style.size), 'DejaVuSans'))
      sign = undefined
      let at = x
      for (const { text, face } of line) {
        page.marks.push(mark(text, at, face))
        at += widthOf(text, face, style.size)
      }
      this.#y += leading
    }
  }
}

function groundOf(style: Style, x: number, y: number, height: number): Box[] {
  if (style.bar) return [{ x: x - 10, y, width: 2.5, height, grey: 190 }]
  if (style.ground) return [{ x: x - 6, y, width: RIGHT - x + 6, height, grey: 243 }]
  return []
}

/** Lines of at most `width` points. Words go on the next line, a word too long for one is cut. */
function linesOf(spans: Span[], width: number, size: number): Span[][] {
  const lines: Span[][] = [[]]
  let used = 0
  const turn = () => {
    lines.push([])
    used = 0
  }
  const put = (text: string, face: Face, wide: number) => {
    const line = lines.at(-1) ?? []
    const last = line.at(-1)
    if (last?.face === face) last.text += text
    else line.push({ text, face })
    used += wide
  }
  for (const { text, face } of spans)
    text.split('\n').forEach((part, index) => {
      if (index > 0) turn()
      for (const word of printable(part).split(/( +)/)) {
        const wide = widthOf(word, face, size)
        if (word === '') continue
        if (used + wide <= width) put(word, face, wide)
        else if (wide <= width) {
          turn()
          if (word.trim() !== '') put(word, face, wide)
        } else
          for (const letter of word) {
            const one = widthOf(letter, face, size)
            if (used + one > width) turn()
            put(letter, face, one)
          }
      }
    })
  return lines
}
