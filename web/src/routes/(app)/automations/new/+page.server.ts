import { redirect } from '@sveltejs/kit'
import { EVERYWHERE } from '#lib/automations/form.ts'
import { choicesFor, requireMaker, save, tryOut } from '#lib/server/automations.ts'
import { choicesOf } from '#lib/server/choices.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async (event) => {
  requireMaker(event)
  const place = event.url.searchParams.get('project')
  // First the place: what can be done depends on it. Everywhere is said, never what is left when nothing was chosen.
  return place
    ? {
        projects: null,
        missing: false,
        choices: await choicesFor(event, place === EVERYWHERE ? null : place)
      }
    : { projects: await choicesOf(event, 'managed'), missing: place === '', choices: null }
}

export const actions: Actions = {
  save: async (event) => {
    const refused = await save(event, '/automations/rules')
    if (refused) return refused
    redirect(303, '/automations')
  },
  try: tryOut
}
