/** Groups: read, made, renamed, filled, emptied and given up. Who may is rules/group.ts. */
import { z } from 'zod'
import { type AccessChange, ThingKind } from '../_shared/contract/access.ts'
import { Id, Time, levelOf } from '../_shared/contract/common.ts'
import { Group, GroupMember, type GroupPage, type NewGroupMember } from '../_shared/contract/group.ts'
import { StaffRole } from '../_shared/contract/person.ts'
import { pageFrom, readCursor } from '../_shared/cursor.ts'
import type { Act } from '../_shared/db/audit.ts'
import { type Session, blocks, row, rows, run } from '../_shared/db/database.ts'
import { Problem, notFound } from '../_shared/problem.ts'
import { mayChangeGroup } from '../_shared/rules/group.ts'
import { unknown } from './organisation.ts'
import type { PageWish } from './people.ts'

const sql = blocks<
  | 'list'
  | 'facts'
  | 'lock'
  | 'members'
  | 'hidden'
  | 'within'
  | 'things'
  | 'create'
  | 'rename'
  | 'known_person'
  | 'add_person'
  | 'end_person'
  | 'drop_person'
  | 'nest'
  | 'unnest'
  | 'end_members'
  | 'drop_members'
  | 'end_nesting'
  | 'end_assignments'
  | 'take_grants'
  | 'end'
  | 'loss'
  | 'held'
>(new URL('./groups.sql', import.meta.url))

type On = Parameters<typeof rows>[0]

const Found = z.object({ id: Id })
const Count = z.object({ n: z.number() })
const Facts = z.object({
  id: Id,
  name: z.string(),
  created_at: Time,
  role: StaffRole.nullable(),
  within_reach: z.boolean(),
  lets_self_in: z.boolean(),
  lets_self_out: z.boolean()
})
const Named = z.object({ id: Id, name: z.string() })
const Thing = Named.extend({ kind: ThingKind })
const Taken = z.object({ id: Id, thing_id: Id, project_id: Id.nullable(), level: z.number() })
const Held = z.object({
  who: Id,
  who_name: z.string(),
  thing_id: Id,
  kind: ThingKind,
  thing_name: z.string().nullable(),
  level: z.number()
})
const Loss = z
  .object({
    who: Id,
    who_name: z.string(),
    thing_id: Id,
    kind: ThingKind,
    thing_name: z.string().nullable(),
    before: z.number(),
    after: z.number()
  })
  .transform((c): AccessChange => ({
    who: { id: c.who, name: c.who_name },
    thing: { id: c.thing_id, kind: c.kind, name: c.thing_name ?? '' },
    before: levelOf(c.before),
    after: levelOf(c.after)
  }))
const Key = z.tuple([z.string(), Id])
const FIRST = ['', '00000000-0000-0000-0000-000000000000']

export async function listGroups(on: On, wish: PageWish) {
  const after = readCursor(wish.cursor, Key) ?? FIRST
  const found = await rows(
    on,
    sql('list'),
    [...after, wish.limit + 1, wish.q || null, wish.id ?? null],
    Group
  )
  return pageFrom(found, wish.limit, (last) => [last.name, last.id])
}

/** The group as far as the asker may know of its members. Throws not_found. */
export async function readGroup(on: On, askerId: string, id: string): Promise<GroupPage> {
  const facts = await row(on, sql('facts'), [askerId, id, null, null], Facts)
  if (!facts) throw notFound()
  const members = await rows(on, sql('members'), [askerId, id], GroupMember)
  const hidden = (await row(on, sql('hidden'), [askerId, id], Count))?.n ?? 0
  return {
    ...{ id, name: facts.name, created_at: facts.created_at },
    people: hidden + members.filter((one) => one.kind === 'person').length,
    members,
    hidden,
    within: await rows(on, sql('within'), [id], Named),
    things: await rows(on, sql('things'), [askerId, id], Thing),
    may_change: mayChangeGroup(facts)
  }
}

/** Who would get in or out: a person, a group in it, or, where it is given up, the group itself. */
export type GroupMove = { newcomer?: string; leaver?: string }

export async function requireGroupChange(
  session: Session,
  askerId: string,
  id: string,
  { newcomer, leaver }: GroupMove = {}
): Promise<void> {
  await row(session, sql('lock'), [id], Found)
  const facts = await row(session, sql('facts'), [askerId, id, newcomer ?? null, leaver ?? null], Facts)
  if (!facts) throw notFound()
  if (!mayChangeGroup(facts))
    throw new Problem('forbidden', 'What this group was given is not all yours to give.')
}

export async function createGroup(session: Session, name: string): Promise<string> {
  const made = await row(session, sql('create'), [name], Found)
  if (!made) throw new Error('a group was not written')
  return made.id
}

/** False: it is called that already. */
export const renameGroup = async (session: Session, id: string, name: string) =>
  (await run(session, sql('rename'), [id, name])) > 0

/** Throws invalid_request for whom the asker may not know of, conflict where groups would nest twice. */
export async function addGroupMember(session: Session, askerId: string, id: string, wish: NewGroupMember) {
  if (wish.kind === 'person') {
    if (!(await row(session, sql('known_person'), [askerId, wish.id], Found))) throw unknown('id')
    await endPerson(session, id, wish.id)
    await run(session, sql('add_person'), [id, wish.id, wish.valid_from, wish.valid_until])
    return
  }
  if (id === wish.id || !(await row(session, sql('lock'), [wish.id], Found))) throw unknown('id')
  await run(session, sql('nest'), [id, wish.id]).catch((cause: unknown) => {
    if (cause instanceof Error && 'code' in cause && cause.code === '23514')
      throw new Problem('conflict', 'Groups nest once.', { cause })
    throw cause
  })
}

async function endPerson(session: Session, id: string, personId: string): Promise<number> {
  const ended = await run(session, sql('end_person'), [id, personId])
  return ended + (await run(session, sql('drop_person'), [id, personId]))
}

/** Throws not_found for somebody who is not in it. */
export async function takeGroupMember(session: Session, id: string, memberId: string): Promise<void> {
  const gone = (await endPerson(session, id, memberId)) + (await run(session, sql('unnest'), [id, memberId]))
  if (gone === 0) throw notFound()
}

/** What would be lost without this member, or with null without the group. */
export const groupLoss = (session: Session, askerId: string, id: string, memberId: string | null) =>
  rows(session, sql('loss'), [id, memberId, askerId], Loss)

/**
 * Who would hold more, were somebody let in: it is done, looked at and undone. Of windows that begin later, how it is then.
 * Throws as addGroupMember does.
 */
export async function groupGain(
  session: Session,
  askerId: string,
  id: string,
  wish: NewGroupMember
): Promise<AccessChange[]> {
  const at = wish.valid_from ?? new Date().toISOString()
  const held = () => rows(session, sql('held'), [id, wish.id, askerId, at], Held)
  const before = await held()
  await run(session, 'savepoint trial')
  await addGroupMember(session, askerId, id, { ...wish, valid_from: wish.valid_from && at })
  const after = new Map((await held()).map((one) => [`${one.who} ${one.thing_id}`, one.level]))
  await run(session, 'rollback to savepoint trial')
  return before.flatMap((one) => {
    const level = after.get(`${one.who} ${one.thing_id}`) ?? one.level
    return level === one.level ? [] : [Loss.parse({ ...one, before: one.level, after: level })]
  })
}

/** Nobody is in it any more, and what was granted to it is gone. */
export async function endGroup(session: Session, actor_id: string, id: string, acts: Act[]): Promise<void> {
  for (const what of ['end_members', 'drop_members', 'end_nesting', 'end_assignments'] as const)
    await run(session, sql(what), [id])
  for (const grant of await rows(session, sql('take_grants'), [id], Taken)) {
    const { thing_id, project_id } = grant
    const facts = { grant_id: grant.id, thing_id, principal_kind: 'group', level: levelOf(grant.level) }
    acts.push({ action: 'grant.taken', actor_id, project_id, subject_id: id, facts })
    if (project_id) await run(session, 'select announce($1)', [`project:${project_id}`])
  }
  await run(session, sql('end'), [id])
  acts.push({ action: 'group.ended', actor_id, subject_id: id })
}
