/**
 * Whether a page asks because of its reader. News of what others did make pages read again, as long as a tab is open;
 * would that count, a forgotten tab kept its session alive. So a question counts only shortly after an act of the person:
 * what a page asks by itself says so, and the functions do not take it for use (functions/_shared/auth/session.ts).
 */

/** So long after an act a question may still belong to it: loading in steps, a list that is typed into. */
const ACT_MS = 10_000
const ACTS = ['click', 'keydown', 'pointerdown', 'pointermove', 'touchmove', 'wheel', 'input'] as const

/** Call it once, when the page runs; loading it was an act. */
export function tellPassive(): void {
  let acted_at = performance.now()
  const act = (event: Event) => {
    // What a script presses is no act of a person.
    if (event.isTrusted) acted_at = performance.now()
  }
  for (const name of ACTS) addEventListener(name, act, { capture: true, passive: true })
  document.addEventListener('visibilitychange', (event) => {
    if (!document.hidden) act(event)
  })

  const ask = window.fetch
  window.fetch = (input, init) => {
    const by_itself = performance.now() - acted_at > ACT_MS
    if (!by_itself || input instanceof Request || !isRead(input, init)) return ask(input, init)
    const headers = new Headers(init?.headers)
    headers.set('portico-passive', '1')
    return ask(input, { ...init, headers })
  }
}

/** A page's data or the API's: nothing of the store, which takes no header more than were signed. */
function isRead(input: string | URL, init: RequestInit | undefined): boolean {
  if (init?.method !== undefined && init.method !== 'GET') return false
  const { origin, pathname } = new URL(input, location.href)
  return origin === location.origin && (pathname.startsWith('/api/v1/') || pathname.endsWith('/__data.json'))
}
