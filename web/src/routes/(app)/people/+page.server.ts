import { error } from '@sveltejs/kit'
import { Invitation, Locale, Organisation, Person, pageOf } from '#lib/contract.ts'
import { problemText } from '#lib/problem.ts'
import { choicesOf } from '#lib/server/choices.ts'
import { failed, orNull, typedIn } from '#lib/server/forms.ts'
import { load as read, send } from '#lib/server/gateway.ts'
import { narrowedBy } from '#lib/server/narrowed.ts'
import { organisationOf } from '#lib/server/organisation.ts'
import type { Actions, PageServerLoad } from './$types'

const People = pageOf(Person)
const Organisations = pageOf(Organisation)

export const load: PageServerLoad = async (event) => {
  if (!event.locals.session?.person.staff_role) error(404, problemText({ code: 'not_found' }))
  event.depends(`live:person:${event.locals.session.person.id}`)
  const wish = event.url.searchParams
  const inviting = wish.has('invite')
  const { q, began, query } = narrowedBy(event, 'people')
  const beginning = new URLSearchParams(query)
  beginning.delete('cursor')
  const [people, organisations, clients, managed] = await Promise.all([
    read(event, `/admin/people?${query}`, People),
    read(event, `/admin/organisations?${beginning}`, Organisations),
    inviting ? choicesOf(event, 'organisations', wish.get('invite') ?? '') : null,
    inviting ? choicesOf(event, 'managed') : null
  ])
  const { stands_in } = event.locals.session
  return {
    people: people.items,
    next: people.next,
    /** All on one page: they stand under their clients. */
    whole: !began && !people.next && !organisations.next,
    organisations: organisations.items,
    ...{ q, clients, managed, inviting, stands_in }
  }
}

export const actions: Actions = {
  /** Invites somebody; inviting again sends a new link. */
  invite: async (event) => {
    const typed = typedIn(await event.request.formData())
    const staff_role = orNull(typed.staff_role)
    const client = staff_role ? { ok: true as const, data: null } : await organisationOf(event, typed)
    if (!client.ok) return failed(client.problem, typed, 'invite')
    const project_id = orNull(typed.project_id)
    const wish = {
      email: typed.email ?? '',
      name: typed.name ?? '',
      locale: Locale.catch('de').parse(typed.locale),
      staff_role,
      organisation_id: client.data,
      project_id,
      level: project_id && (orNull(typed.level) ?? 'view')
    }
    const answer = await send(event, 'POST', '/admin/invitations', wish, Invitation)
    if (!answer.ok) return failed(answer.problem, { ...typed, organisation_id: client.data ?? '' }, 'invite')
    return { invited: answer.data.email }
  }
}
