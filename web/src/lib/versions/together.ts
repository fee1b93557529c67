/** Columns of pages that scroll together: the same part of the same page, whatever sizes the pages have. */

/** Milliseconds for which a column that was moved by us does not move the others back. */
const ECHO_MS = 120

export class Together {
  readonly #columns = new Set<HTMLElement>()
  /** The column that leads, and until when. */
  #leader: HTMLElement | null = null
  #until = 0
  #place: Spot = { page: 0, part: 0 }

  /** Use as an attachment of what scrolls; pages are its `[data-no]`. */
  join = (column: HTMLElement): (() => void) => {
    this.#columns.add(column)
    const scrolled = () => this.#follow(column)
    column.addEventListener('scroll', scrolled, { passive: true })
    return () => {
      column.removeEventListener('scroll', scrolled)
      this.#columns.delete(column)
    }
  }

  #follow(leader: HTMLElement): void {
    const now = performance.now()
    if (this.#leader !== leader && now < this.#until) return
    this.#leader = leader
    this.#until = now + ECHO_MS
    this.#place = placeOf(leader)
    this.catchUp()
  }

  /** Brings all to where the leading column is; one that was out of sight could not follow. */
  catchUp(): void {
    for (const column of this.#columns) if (column !== this.#leader) moveTo(column, this.#place)
  }
}

/** Page, counted from 0, and how far into it (0 … 1) the column's top edge is. */
type Spot = { page: number; part: number }

const pagesOf = (column: HTMLElement): HTMLElement[] => [...column.querySelectorAll<HTMLElement>('[data-no]')]

function placeOf(column: HTMLElement): Spot {
  const pages = pagesOf(column)
  const page = Math.max(
    0,
    pages.findLastIndex((one) => one.offsetTop <= column.scrollTop)
  )
  const at = pages[page]
  return at
    ? { page, part: (column.scrollTop - at.offsetTop) / Math.max(1, at.offsetHeight) }
    : { page: 0, part: 0 }
}

function moveTo(column: HTMLElement, { page, part }: Spot): void {
  const at = pagesOf(column)[page]
  column.scrollTop = at ? at.offsetTop + part * at.offsetHeight : column.scrollHeight
}
