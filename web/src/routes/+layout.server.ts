import { legalPages } from '#lib/server/legal.ts'
import type { RequestEvent } from '@sveltejs/kit'
import { getLocale } from '#lib/paraglide/runtime.js'
import type { LayoutServerLoad } from './$types'

export const load: LayoutServerLoad = async (event) => {
  event.depends('portico:session')
  return {
    session: event.locals.session,
    locale: getLocale(),
    legal: await legalPages(event as RequestEvent)
  }
}
