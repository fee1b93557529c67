/** Where in the document the reader is: current page, which pages are near, zoom. */
import { zoomStep } from './keys.ts'

/** Pages whose image stays although they are out of sight: going back a little loads nothing anew. */
const KEEP = 12
/** Pages before and after the current one that are loaded ahead. */
const AHEAD = 2

export class Place {
  current = $state(1)
  zoom = $state(1)
  #scroller: HTMLElement | null = null
  #visited = new Set<number>()
  /** The first two are there before any script runs. */
  near = $state.raw<ReadonlySet<number>>(new Set([1, 2]))
  #count = 0
  #frame = 0
  #first: number

  constructor(count: number, first = 1) {
    this.#count = count
    this.#first = first
  }

  set count(count: number) {
    this.#count = count
    this.#see(this.current)
  }

  /** Follows the scroll position of the column; use as an attachment. */
  follow = (scroller: HTMLElement): (() => void) => {
    this.#scroller = scroller
    const look = () => {
      cancelAnimationFrame(this.#frame)
      this.#frame = requestAnimationFrame(() => this.#see(this.#pageInSight()))
    }
    const observer = new ResizeObserver(look)
    observer.observe(scroller)
    scroller.addEventListener('scroll', look, { passive: true })
    if (this.#first > 1) this.go(this.#first)
    this.#first = 1
    look()
    return () => {
      observer.disconnect()
      scroller.removeEventListener('scroll', look)
      cancelAnimationFrame(this.#frame)
      this.#scroller = null
    }
  }

  #pages(): HTMLElement[] {
    return [...(this.#scroller?.querySelectorAll<HTMLElement>('[data-no]') ?? [])]
  }

  /** The page under the line a third down: the one that is being read. Halving: there may be thousands. */
  #pageInSight(): number {
    const pages = this.#pages()
    const line = (this.#scroller?.scrollTop ?? 0) + (this.#scroller?.clientHeight ?? 0) / 3
    let [low, high] = [0, pages.length - 1]
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((pages[middle]?.offsetTop ?? 0) <= line) low = middle
      else high = middle - 1
    }
    return low + 1
  }

  #see(current: number): void {
    this.current = current
    const wanted = (no: number) => Math.abs(no - current) <= AHEAD
    for (let no = Math.max(1, current - AHEAD); no <= Math.min(this.#count, current + AHEAD); no += 1)
      this.#visited.add(no)
    for (const no of this.#visited) if (Math.abs(no - current) > KEEP) this.#visited.delete(no)
    if ([...this.#visited].some((no) => !this.near.has(no)) || this.near.size !== this.#visited.size)
      this.near = new Set([...this.#visited].filter((no) => wanted(no) || this.near.has(no)))
  }

  /** Brings a page's top into sight. */
  go(no: number): void {
    const goal = Math.min(Math.max(1, no), Math.max(1, this.#count))
    const page = this.#pages()[goal - 1]
    if (page && this.#scroller) this.#scroller.scrollTop = page.offsetTop - 16
  }

  /** Changes the zoom and keeps what is in the middle in the middle. */
  scale(way: 'in' | 'out' | 'fit'): void {
    const scroller = this.#scroller
    const before = this.zoom
    this.zoom = way === 'fit' ? 1 : zoomStep(before, way)
    if (!scroller || before === this.zoom) return
    const { scrollTop, scrollLeft, clientHeight, clientWidth, scrollHeight, scrollWidth } = scroller
    const middle = {
      y: (scrollTop + clientHeight / 2) / scrollHeight,
      x: (scrollLeft + clientWidth / 2) / scrollWidth
    }
    requestAnimationFrame(() => {
      scroller.scrollTop = middle.y * scroller.scrollHeight - clientHeight / 2
      scroller.scrollLeft = middle.x * scroller.scrollWidth - clientWidth / 2
    })
  }
}
