/** Collects items for a moment and hands them on together. */

/**
 * Items added within `wait` ms go to `flush` in one call of at most `most`. One call at a time: what arrives meanwhile
 * goes with the next. `flush` must not reject.
 */
export class Coalescer<T> {
  #waiting: T[] = []
  #timer: ReturnType<typeof setTimeout> | null = null
  #busy = false
  readonly #wait: number
  readonly #most: number
  readonly #flush: (items: T[]) => Promise<void>

  constructor(wait: number, most: number, flush: (items: T[]) => Promise<void>) {
    this.#wait = wait
    this.#most = most
    this.#flush = flush
  }

  add(item: T): void {
    this.#waiting.push(item)
    if (this.#waiting.length >= this.#most) void this.#run()
    else this.#timer ??= setTimeout(() => void this.#run(), this.#wait)
  }

  async #run(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    if (this.#busy) return
    this.#busy = true
    while (this.#waiting.length > 0) await this.#flush(this.#waiting.splice(0, this.#most))
    this.#busy = false
  }
}
