/** Whom the form offers: those who are here, the project's client, and for staff everybody they know of. */
import type { RequestEvent } from '@sveltejs/kit'
import { Group, Organisation, Person } from '#lib/contract.ts'
import { loadAll } from '#lib/server/all.ts'
import { readersOf } from './readers.server.ts'

type Named = { id: string; name: string }
export type Choice = { value: string; kind: 'person' | 'group' | 'organisation'; name: string }

export async function principalsFor(
  event: RequestEvent,
  thing: Parameters<typeof readersOf>[1],
  client: Named | null
): Promise<Choice[]> {
  const isStaff = Boolean(event.locals.session?.person.staff_role)
  const [here, people, organisations, groups] = await Promise.all([
    isStaff ? [] : readersOf(event, thing),
    isStaff ? loadAll(event, '/admin/people', Person) : [],
    isStaff ? loadAll(event, '/admin/organisations', Organisation) : [],
    isStaff ? loadAll(event, '/admin/groups', Group) : []
  ])
  const entry = (kind: Choice['kind']) => (one: Named) =>
    [`${kind}:${one.id}`, { value: `${kind}:${one.id}`, kind, name: one.name }] as const
  const all = new Map([
    ...[...organisations, ...(client ? [client] : [])].map(entry('organisation')),
    ...groups.map(entry('group')),
    ...[...people.filter((one) => one.active), ...here.map((one) => one.who)].map(entry('person'))
  ])
  return [...all.values()].sort((a, b) => a.name.localeCompare(b.name))
}
