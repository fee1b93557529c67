/** Shows that the portal is away, instead of a page for somebody whom it could not recognise. */
import type { ServerLoadEvent } from '@sveltejs/kit'
import { give } from './gateway.ts'

/** For the layouts of all pages that want a signed-in person. */
export function sayWhenAway(event: ServerLoadEvent): void {
  if (event.locals.away) give(event, event.locals.away)
}
