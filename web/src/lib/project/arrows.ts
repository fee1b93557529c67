/** Lists by keyboard: arrows, Home and End go from row to row; Enter is the link's own business. */

/** Handles keydown on a list whose rows each have one `.row-link`. `onspace` gets the link of the row (details). */
export function moveByArrows(event: KeyboardEvent, onspace?: (link: HTMLElement) => void): void {
  const list = event.currentTarget
  if (!(list instanceof HTMLElement) || !(event.target instanceof HTMLElement)) return
  const links = [...list.querySelectorAll<HTMLElement>('.row-link')]
  const at = links.findIndex((link) => link === event.target)
  if (at < 0) return
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: links.length - 1 }[event.key]
  const goal = to === undefined ? undefined : links[to]
  if (goal) {
    event.preventDefault()
    goal.focus()
  } else if (event.key === ' ' && onspace) {
    event.preventDefault()
    onspace(event.target)
  }
}
