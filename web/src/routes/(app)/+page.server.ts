import { redirect } from '@sveltejs/kit'
import { FirstSteps, Organisation, Project, pageOf } from '#lib/contract.ts'
import { failed, orNull, typedIn } from '#lib/server/forms.ts'
import { arrivals } from '#lib/server/arrivals.ts'
import { load as get, send } from '#lib/server/gateway.ts'
import { organisationOf } from '#lib/server/organisation.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async (event) => {
  const person = event.locals.session?.person
  if (person) event.depends(`live:person:${person.id}`)
  const [{ items: projects }, first] = await Promise.all([
    get(event, '/documents/projects?limit=200', pageOf(Project)),
    send(event, 'GET', '/auth/first-steps', undefined, FirstSteps)
  ])
  const recent = person?.staff_role ? [] : await arrivals(event, projects)
  const creating = Boolean(person?.staff_role) && event.url.searchParams.has('new')
  const organisations = creating
    ? (await get(event, '/admin/organisations?limit=200', pageOf(Organisation))).items
    : []
  // A home without its first steps is still a home.
  return { projects, recent, organisations, creating, first: first.ok ? first.data : null }
}

export const actions: Actions = {
  create: async (event) => {
    const typed = typedIn(await event.request.formData())
    const client = await organisationOf(event, typed)
    if (!client.ok) return failed(client.problem, typed, 'create')
    const wish = { name: typed.name ?? '', client_id: orNull(client.data ?? undefined) }
    const answer = await send(event, 'POST', '/documents/projects', wish, Project)
    if (!answer.ok) return failed(answer.problem, { ...typed, organisation_id: client.data ?? '' }, 'create')
    redirect(303, `/projects/${answer.data.id}`)
  }
}
