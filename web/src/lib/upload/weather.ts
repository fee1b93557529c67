/** Whether portal and store can be reached, and when to try again. Pure: the clock is the caller's. */
import type { Sky } from './types.ts'

const FIRST_MS = 1_000
const LONGEST_MS = 20_000

/** Milliseconds to wait after `failures` in a row; up to a quarter is taken off at random, so that tabs do not march in step. */
export function backOff(failures: number, random: number): number {
  const whole = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.max(0, failures - 1))
  return Math.round(whole * (1 - random / 4))
}

/**
 * One for the store's requests and one for the portal's: when one finds nobody at home, its siblings need not try. While
 * the sky is not fine a single request goes out at a time, at `nextTry`; the first that gets through clears it for all.
 */
export class Weather {
  sky: Sky = 'fine'
  nextTry = 0
  #failures = 0
  readonly #random: () => number

  constructor(random: () => number = Math.random) {
    this.#random = random
  }

  failed(now: number, sky: Exclude<Sky, 'fine'> = 'away'): void {
    if (now < this.nextTry && sky === this.sky) return // a sibling that left before the first bad news
    this.sky = sky
    this.#failures += 1
    this.nextTry = now + backOff(this.#failures, this.#random())
  }

  succeeded(): void {
    this.sky = 'fine'
    this.nextTry = 0
    this.#failures = 0
  }

  /** Something says that it may be better now (the browser is online again, the tab has focus): try at once. */
  hope(now: number): void {
    if (this.sky === 'fine') return
    this.nextTry = now
    this.#failures = Math.min(this.#failures, 1)
  }

  /** Requests that may be in flight now, of `most`. */
  room(now: number, most: number): number {
    if (this.sky === 'fine') return most
    return now >= this.nextTry ? 1 : 0
  }
}
