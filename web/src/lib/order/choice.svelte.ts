/** Which rows of a list are chosen, with the range that Shift adds. */
import { SvelteSet } from 'svelte/reactivity'

/** The API takes at most so many at once. */
const MOST = 200

export class Choice {
  on = $state(false)
  readonly ids = new SvelteSet<string>()
  #last: string | null = null

  begin(): void {
    this.on = true
  }

  end(): void {
    this.on = false
    this.ids.clear()
    this.#last = null
  }

  /** Chooses a row or lets it go; with `range` all from the last one to it. */
  toggle(id: string, rows: string[], range: boolean): void {
    const [a, b] = [rows.indexOf(this.#last ?? ''), rows.indexOf(id)]
    if (range && a >= 0 && b >= 0) {
      for (const one of rows.slice(Math.min(a, b), Math.max(a, b) + 1)) this.#add(one)
    } else if (this.ids.has(id)) this.ids.delete(id)
    else this.#add(id)
    this.#last = id
  }

  all(rows: string[]): void {
    for (const one of rows) this.#add(one)
  }

  /** Rows that have gone are chosen no more. */
  keep(rows: string[]): void {
    for (const id of this.ids) if (!rows.includes(id)) this.ids.delete(id)
  }

  #add(id: string): void {
    if (this.ids.size < MOST) this.ids.add(id)
  }
}
