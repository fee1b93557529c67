/** A press that may be repeated when its answer got lost: the same wish has the same key until it was answered. */
export class Attempt {
  #wish = ''
  #key = ''

  keyOf(wish: unknown): string {
    const text = JSON.stringify(wish)
    if (this.#wish !== text) this.#key = crypto.randomUUID()
    this.#wish = text
    return this.#key
  }

  /** Answered: the same wish once more is another one. */
  answered(): void {
    this.#wish = ''
  }
}
