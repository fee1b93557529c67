/** Speed and time left, smoothed. Pure: the clock is the caller's. */

/** Bytes that a file costs besides its own: 10,000 small files take longer than their bytes say. */
export const FILE_COST = 64 * 1024
const SMOOTH_MS = 4_000
const SAMPLE_MS = 400

/** An exponentially weighted mean of a growing count; young means lean on what little they have seen. */
export class Pace {
  #at: number | null = null
  #count = 0
  #rate = 0
  #weight = 0

  /** Tells that `count` units are done at `now` (ms). A smaller count than before (a part is sent again) is no progress. */
  sample(now: number, count: number): void {
    if (this.#at === null) {
      this.#at = now
      this.#count = count
      return
    }
    const elapsed = now - this.#at
    if (elapsed < SAMPLE_MS) return
    const fresh = Math.max(0, count - this.#count) / elapsed
    const share = 1 - Math.exp(-elapsed / SMOOTH_MS)
    this.#rate += share * (fresh - this.#rate)
    this.#weight += share * (1 - this.#weight)
    this.#at = now
    this.#count = count
  }

  /** Forgets the clock, not the speed: a pause is not slowness. */
  rest(): void {
    this.#at = null
  }

  /** Units per second; 0 while nothing is known. */
  get perSecond(): number {
    return this.#weight === 0 ? 0 : (this.#rate / this.#weight) * 1_000
  }

  /** Seconds for `units` more; null while nothing is known or nothing moves. */
  secondsFor(units: number): number | null {
    const speed = this.perSecond
    return speed < 1 ? null : units / speed
  }
}
