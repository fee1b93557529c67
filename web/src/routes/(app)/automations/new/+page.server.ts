import { redirect } from '@sveltejs/kit'
import { choicesFor, projectsFor, requireMaker, save, tryOut } from '#lib/server/automations.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async (event) => {
  requireMaker(event)
  const place = event.url.searchParams.get('project')
  // First the place: what can be done depends on it.
  return place === null
    ? { projects: await projectsFor(event), choices: null }
    : { projects: [], choices: await choicesFor(event, place || null) }
}

export const actions: Actions = {
  save: async (event) => {
    const refused = await save(event, '/automations/rules')
    if (refused) return refused
    redirect(303, '/automations')
  },
  try: tryOut
}
