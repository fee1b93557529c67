import { redirect } from '@sveltejs/kit'
import { choicesFor, requireMaker, save, tryOut } from '#lib/server/automations.ts'
import { choicesOf } from '#lib/server/choices.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async (event) => {
  requireMaker(event)
  const place = event.url.searchParams.get('project')
  // First the place: what can be done depends on it.
  return place === null
    ? { projects: await choicesOf(event, 'managed'), choices: null }
    : { projects: null, choices: await choicesFor(event, place || null) }
}

export const actions: Actions = {
  save: async (event) => {
    const refused = await save(event, '/automations/rules')
    if (refused) return refused
    redirect(303, '/automations')
  },
  try: tryOut
}
