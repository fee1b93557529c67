/** Whom the form offers: those who are here, the project's client, and for staff those they know of, found by name. */
import type { RequestEvent } from '@sveltejs/kit'
import { Group, Organisation, Person, pageOf } from '#lib/contract.ts'
import { load } from '#lib/server/gateway.ts'
import { readersOf } from './readers.server.ts'

type Named = { id: string; name: string }
export type Choice = { value: string; kind: 'person' | 'group' | 'organisation'; name: string }
/** `more`: there are others, whom a search finds. */
export type Choices = { all: Choice[]; more: boolean }

/** The longest page of the API: a longer list than anybody reads. */
const MOST = 200
const [People, Organisations, Groups] = [pageOf(Person), pageOf(Organisation), pageOf(Group)]
const NOTHING = { items: [], next: null }

/** @param q part of a name; '' for the beginning of the list */
export async function principalsFor(
  event: RequestEvent,
  thing: Parameters<typeof readersOf>[1],
  client: Named | null,
  q: string
): Promise<Choices> {
  const isStaff = Boolean(event.locals.session?.person.staff_role)
  const query = new URLSearchParams({ limit: String(MOST), ...(q && { q }) })
  const [here, people, organisations, groups] = await Promise.all([
    isStaff ? [] : readersOf(event, thing),
    isStaff ? load(event, `/admin/people?${query}`, People) : NOTHING,
    isStaff ? load(event, `/admin/organisations?${query}`, Organisations) : NOTHING,
    isStaff ? load(event, `/admin/groups?${query}`, Groups) : NOTHING
  ])
  const entry = (kind: Choice['kind']) => (one: Named) =>
    [`${kind}:${one.id}`, { value: `${kind}:${one.id}`, kind, name: one.name }] as const
  const fits = (one: Named) => one.name.toLowerCase().includes(q.toLowerCase())
  const all = new Map([
    ...[...organisations.items, ...(client && fits(client) ? [client] : [])].map(entry('organisation')),
    ...groups.items.map(entry('group')),
    ...[...people.items.filter((one) => one.active), ...here.map((one) => one.who).filter(fits)].map(
      entry('person')
    )
  ])
  return {
    all: [...all.values()].sort((a, b) => a.name.localeCompare(b.name)),
    more: [people, organisations, groups].some((page) => page.next !== null)
  }
}
