import type { ActionFailure } from '@sveltejs/kit'
import { Invitation, Locale, OrganisationPage } from '#lib/contract.ts'
import type { Failed } from '#lib/problem.ts'
import { instantOf } from '#lib/project/zone.ts'
import { choicesOf } from '#lib/server/choices.ts'
import { failed, typedIn } from '#lib/server/forms.ts'
import { load as read, send } from '#lib/server/gateway.ts'
import type { Actions, PageServerLoad, RequestEvent } from './$types'

const ASKED = ['rename', 'team', 'exclude', 'end', 'employee', 'projects', 'lock'] as const
export type Asked = (typeof ASKED)[number]

export const load: PageServerLoad = async (event) => {
  if (event.locals.session) event.depends(`live:person:${event.locals.session.person.id}`)
  const organisation = await read(event, `/admin/organisations/${event.params.id}`, OrganisationPage)
  const asked = ASKED.find((one) => one === event.url.searchParams.get('ask')) ?? null
  const naming = organisation.reader === 'firm_administrator' && (asked === 'team' || asked === 'exclude')
  const choices = naming ? await choicesOf(event, asked === 'team' ? 'team' : 'staff') : null
  const person = event.url.searchParams.get('person')
  return {
    ...{ organisation, asked, choices },
    member: organisation.members.find((one) => one.id === person) ?? null
  }
}

type Typed = Record<string, string>
type Done = { done: string } | ActionFailure<Failed>

async function act(
  event: RequestEvent,
  form: string,
  method: 'POST' | 'PATCH' | 'DELETE',
  rest: (typed: Typed) => string,
  wish?: (typed: Typed) => object
): Promise<Done> {
  const typed = typedIn(await event.request.formData())
  const path = `/admin/organisations/${event.params.id}${rest(typed)}` as const
  const answer = await send(event, method, path, wish?.(typed), OrganisationPage)
  return answer.ok ? { done: form } : failed(answer.problem, typed, form)
}

/** The levels that a form names as `level_<project>`; empty: none. */
const sharesIn = (typed: Typed) =>
  Object.entries(typed).flatMap(([name, level]) =>
    name.startsWith('level_') ? [{ project_id: name.slice('level_'.length), level: level || null }] : []
  )

export const actions: Actions = {
  rename: (event) =>
    act(
      event,
      'rename',
      'PATCH',
      () => '',
      ({ name }) => ({ name })
    ),
  administers: (event) =>
    act(
      event,
      'administers',
      'PATCH',
      ({ person = '' }) => `/members/${person}`,
      ({ administers }) => ({
        administers: administers === 'true'
      })
    ),
  /** Ends a membership: at once. */
  end: (event) =>
    act(
      event,
      'end',
      'PATCH',
      ({ person = '' }) => `/members/${person}`,
      () => ({
        valid_until: new Date().toISOString()
      })
    ),
  team: (event) => {
    const zone = event.locals.session?.person.time_zone ?? 'UTC'
    return act(
      event,
      'team',
      'POST',
      () => '/team',
      ({ principal = '', from = '', until = '' }) => {
        const [principal_kind, principal_id] = principal.split(':')
        const window = { valid_from: instantOf(from, zone), valid_until: instantOf(until, zone) }
        return { principal_kind, principal_id, ...window }
      }
    )
  },
  leave: (event) => act(event, 'leave', 'DELETE', ({ person = '' }) => `/team/${person}`),
  exclude: (event) =>
    act(
      event,
      'exclude',
      'POST',
      () => '/exclusions',
      ({ person_id, reason }) => ({ person_id, reason })
    ),
  lift: (event) => act(event, 'lift', 'DELETE', ({ person = '' }) => `/exclusions/${person}`),
  /** Invites a sub-account; again: a new link. */
  employee: async (event) => {
    const typed = typedIn(await event.request.formData())
    const projects = sharesIn(typed).filter((share) => share.level !== null)
    const { email = '', name = '' } = typed
    const wish = { email, name, locale: Locale.catch('de').parse(typed.locale), projects }
    const path = `/admin/organisations/${event.params.id}/employees` as const
    const answer = await send(event, 'POST', path, wish, Invitation)
    return answer.ok ? { done: 'employee' } : failed(answer.problem, typed, 'employee')
  },
  projects: (event) =>
    act(
      event,
      'projects',
      'PATCH',
      ({ person = '' }) => `/employees/${person}`,
      (typed) => ({
        projects: sharesIn(typed)
      })
    ),
  lock: (event) =>
    act(
      event,
      'lock',
      'PATCH',
      ({ person = '' }) => `/employees/${person}`,
      () => ({ active: false })
    )
}
