import { redirect } from '@sveltejs/kit'
import { z } from 'zod'
import { DashboardItem, Document, FirstSteps, Project, pageOf } from '#lib/contract.ts'
import { failed, orNull, typedIn } from '#lib/server/forms.ts'
import { choicesOf } from '#lib/server/choices.ts'
import { arrivals } from '#lib/server/arrivals.ts'
import { load as get, send } from '#lib/server/gateway.ts'
import { narrowedBy } from '#lib/server/narrowed.ts'
import { organisationOf } from '#lib/server/organisation.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async (event) => {
  const person = event.locals.session?.person
  if (person) event.depends(`live:person:${person.id}`)
  const { q, query } = narrowedBy(event, 'projects')
  const [{ items: projects, next }, first] = await Promise.all([
    get(event, `/documents/projects?${query}`, pageOf(Project)),
    event.locals.session?.seeing ? null : send(event, 'GET', '/auth/first-steps', undefined, FirstSteps)
  ])
  const [favourites, opened, waiting] = await Promise.all([
    send(event, 'GET', '/documents/favourites', undefined, z.array(Document)),
    send(event, 'GET', '/documents/recent', undefined, z.array(Document)),
    person?.staff_role ? send(event, 'GET', '/documents/dashboard', undefined, z.array(DashboardItem)) : null
  ])
  const recent = person?.staff_role ? [] : await arrivals(event, projects)
  const creating = Boolean(person?.staff_role) && event.url.searchParams.has('new')
  const organisations = creating ? await choicesOf(event, 'organisations') : null
  // A home without these is still a home, as without its first steps.
  const known = { favourites: favourites.ok ? favourites.data : [], opened: opened.ok ? opened.data : [] }
  const dashboard = waiting?.ok ? waiting.data : []
  return {
    ...known,
    stands_in: event.locals.session?.stands_in ?? [],
    dashboard,
    ...{ q, projects, next },
    recent,
    organisations,
    creating,
    first: first?.ok ? first.data : null
  }
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
