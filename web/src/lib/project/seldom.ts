/** `act`, at most once in `wait` ms: at once the first time, and once more at the end when it was asked for meanwhile. */
export function seldom(wait: number | (() => number), act: () => unknown): () => void {
  let timer: ReturnType<typeof setTimeout> | null = null
  let asked = false
  return function ask() {
    if (timer !== null) {
      asked = true
      return
    }
    void act()
    timer = setTimeout(
      () => {
        timer = null
        if (asked) {
          asked = false
          ask()
        }
      },
      typeof wait === 'number' ? wait : wait()
    )
  }
}
