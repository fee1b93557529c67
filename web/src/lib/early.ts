/**
 * A page stands before its scripts listen. What somebody pressed or picked in between is kept by the script in app.html
 * and done here, once everything listens: the last press, as people press again, and every choice of files.
 */
declare global {
  interface Window {
    early?: EventTarget[]
    keepEarly?: (event: Event) => void
  }
}

/** Links, forms' own buttons and popovers act without scripts. */
const NEEDS_SCRIPTS = 'button[type=button]:not([popovertarget], [commandfor])'

let first = true

/** Whether the page that came from the server is still coming to life. */
export const isFirstPage = (): boolean => first

/** Call once, when the first page listens. */
export function replayEarly(): void {
  first = false
  const { early = [], keepEarly } = window
  if (keepEarly) {
    removeEventListener('click', keepEarly, true)
    removeEventListener('change', keepEarly, true)
  }
  const elements = early.filter((target) => target instanceof Element)
  for (const input of new Set(elements.filter(hasFiles)))
    input.dispatchEvent(new Event('change', { bubbles: true }))
  const pressed = elements
    .flatMap((element) => element.closest<HTMLButtonElement>(NEEDS_SCRIPTS) ?? [])
    .at(-1)
  if (pressed?.isConnected && !pressed.disabled) pressed.click()
}

const hasFiles = (element: Element): boolean =>
  element instanceof HTMLInputElement && element.isConnected && (element.files?.length ?? 0) > 0
