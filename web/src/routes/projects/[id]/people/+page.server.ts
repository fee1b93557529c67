import type { RequestEvent } from '@sveltejs/kit'
import { z } from 'zod'
import {
  AccessChange,
  Grant,
  Group,
  NewGrant,
  Organisation,
  Person,
  PersonWithAccess,
  pageOf
} from '#lib/contract.ts'
import { failed, orNull, typedIn } from '#lib/server/forms.ts'
import { load as read, send } from '#lib/server/gateway.ts'
import { instantOf } from '#lib/project/zone.ts'
import type { Actions, PageServerLoad } from './$types'

const Changes = z.array(AccessChange)

export const load: PageServerLoad = async (event) => {
  event.depends('portico:access')
  const { project } = await event.parent()
  const id = event.params.id
  const may_manage = project.level === 'manage'
  const is_staff = event.locals.session?.person.staff_role !== null
  const [people, grants, known] = await Promise.all([
    project.level ? read(event, `/documents/things/${id}/people`, z.array(PersonWithAccess)) : [],
    may_manage ? read(event, `/admin/things/${id}/grants`, z.array(Grant)) : [],
    may_manage && is_staff ? everybody(event) : { people: [], organisations: [], groups: [] }
  ])
  return {
    people,
    grants,
    may_manage,
    principals: may_manage ? principals(people, known, project.client) : []
  }
}

type Named = { id: string; name: string }

/** Whom staff may know of. More than 200 are for a search of its own, which is not built yet. */
type Known = { people: Named[]; organisations: Named[]; groups: Named[] }
async function everybody(event: RequestEvent): Promise<Known> {
  const [people, organisations, groups] = await Promise.all([
    send(event, 'GET', '/admin/people?limit=200', undefined, pageOf(Person)),
    send(event, 'GET', '/admin/organisations?limit=200', undefined, pageOf(Organisation)),
    send(event, 'GET', '/admin/groups?limit=200', undefined, pageOf(Group))
  ])
  return {
    people: people.ok ? people.data.items : [],
    organisations: organisations.ok ? organisations.data.items : [],
    groups: groups.ok ? groups.data.items : []
  }
}

/** Whom the form offers: those who are here, the project's client, and for staff everybody they know of. */
function principals(here: PersonWithAccess[], known: Known, client: Named | null) {
  const entry = (kind: 'person' | 'group' | 'organisation') => (one: Named) =>
    [`${kind}:${one.id}`, { value: `${kind}:${one.id}`, kind, name: one.name }] as const
  const all = new Map([
    ...[...known.organisations, ...(client ? [client] : [])].map(entry('organisation')),
    ...known.groups.map(entry('group')),
    ...[...known.people, ...here.map((person) => person.who)].map(entry('person'))
  ])
  return [...all.values()].sort((a, b) => a.name.localeCompare(b.name))
}

/** What was typed as the contract wants it. Times are those on the person's clock. */
function wishOf(event: RequestEvent, typed: Record<string, string>): z.input<typeof NewGrant> {
  const zone = event.locals.session?.person.time_zone ?? 'UTC'
  const [kind, id] = (typed.principal ?? '').split(':')
  return {
    thing_id: typed.thing_id ?? '',
    principal_kind: kind === 'organisation' || kind === 'group' ? kind : 'person',
    principal_id: id ?? '',
    level: typed.level as z.infer<typeof NewGrant>['level'],
    allows: true,
    own_only: typed.own_only === 'on',
    valid_from: instantOf(typed.from ?? '', zone),
    valid_until: instantOf(typed.until ?? '', zone),
    note: orNull(typed.note),
    confirm: typed.confirm === 'true'
  }
}

export const actions: Actions = {
  preview: async (event) => {
    const typed = typedIn(await event.request.formData())
    const answer = await send(event, 'POST', '/admin/grants/preview', wishOf(event, typed), Changes)
    if (!answer.ok) return failed(answer.problem, typed, 'give')
    return { form: 'give', typed, changes: answer.data }
  },
  give: async (event) => {
    const typed = typedIn(await event.request.formData())
    const answer = await send(event, 'POST', '/admin/grants', wishOf(event, typed), Grant)
    if (!answer.ok) return failed(answer.problem, typed, 'give')
    return { form: 'given', grant: answer.data }
  },
  removal: async (event) => {
    const typed = typedIn(await event.request.formData())
    const path = `/admin/grants/${encodeURIComponent(typed.id ?? '')}/removal` as const
    const answer = await send(event, 'GET', path, undefined, Changes)
    if (!answer.ok) return failed(answer.problem, typed, 'take')
    return { form: 'take', typed, changes: answer.data }
  },
  take: async (event) => {
    const typed = typedIn(await event.request.formData())
    const path =
      `/admin/grants/${encodeURIComponent(typed.id ?? '')}?confirm=${typed.confirm === 'true'}` as const
    const answer = await send(event, 'DELETE', path)
    if (!answer.ok) return failed(answer.problem, typed, 'take')
    return { form: 'taken', name: typed.name ?? '' }
  }
}
