/**
 * What had the focus when a navigation began. SvelteKit takes it away before the page changes, so that a dialog that opens
 * by its address would not know where to give it back.
 */
import { afterNavigate, beforeNavigate } from '$app/navigation'

let left: Element | null = null

/** For the outermost layout, while it is made. */
export function watchFocus(): void {
  beforeNavigate(() => (left = document.activeElement))
  afterNavigate(() => (left = null))
}

/** What has the focus, or had it just before. */
export function focusedLast(): HTMLElement | null {
  const at = document.activeElement === document.body ? left : document.activeElement
  return at instanceof HTMLElement ? at : null
}

/** What is out of sight, in a dialog that was shut for one, keeps the focus until the page is drawn again. */
const isLost = (at: Element | null) => !at || at === document.body || !at.checkVisibility()

/** Gives the focus back when nothing has it: to `goal`, to the button of the menu it lies in, else to the page's content. */
export function giveFocus(goal: HTMLElement | null): void {
  if (!isLost(document.activeElement)) return
  const menu = goal?.closest('details')?.querySelector('summary')
  const content = document.getElementById('main')
  const seen = [goal, menu, content].find((one) => one?.checkVisibility())
  seen?.focus({ preventScroll: seen === content })
}
