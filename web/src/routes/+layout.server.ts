import { legalPages } from '#lib/server/legal.ts'
import type { RequestEvent } from '@sveltejs/kit'
import type { LayoutServerLoad } from './$types'

export const load: LayoutServerLoad = async (event) => {
  event.depends('portico:session')
  return { session: event.locals.session, legal: await legalPages(event as RequestEvent) }
}
