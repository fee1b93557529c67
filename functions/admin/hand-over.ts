/** What somebody holds goes to somebody else: in the transaction that locks the account, or later. */
import { z } from 'zod'
import { endSessions } from '../_shared/auth/end-sessions.ts'
import { Holdings } from '../_shared/contract/account.ts'
import { Id, levelOf } from '../_shared/contract/common.ts'
import type { Act } from '../_shared/db/audit.ts'
import { type Session, blocks, row, rows, run, seeProjects } from '../_shared/db/database.ts'
import { Open, endEmergency } from './emergencies.ts'
import { unknown } from './organisation.ts'

const sql = blocks<
  | 'holdings'
  | 'heirs'
  | 'sponsored'
  | 'emergencies'
  | 'take_grants'
  | 'give_grant'
  | 'move_links'
  | 'groups'
  | 'leave_group'
  | 'drop_group'
  | 'join_group'
  | 'clients'
  | 'assign'
  | 'move_guests'
  | 'move_employees'
  | 'move_shares'
  | 'administer'
>(new URL('./hand-over.sql', import.meta.url))

type On = Parameters<typeof rows>[0]

/** `from` holds it, `to` takes it over, `actor` lets it happen. */
type Way = { actor: string; from: string; to: string }

const Found = z.object({ id: Id })
const Heir = Found.extend({ name: z.string() })
const Projects = z.object({ projects: z.array(Id) })
// Instants as Postgres says them: also "infinity".
const Grant = z.object({
  id: Id,
  thing_id: Id,
  node_id: Id.nullable(),
  document_id: Id.nullable(),
  level: z.int(),
  own_only: z.boolean(),
  valid_from: z.string(),
  valid_until: z.string(),
  note: z.string().nullable(),
  project_id: Id.nullable()
})
const Link = Found.extend({ project_id: Id.nullable() })
const Group = Found.extend({ valid_until: z.string() })
const Client = Found.extend({ until: z.string() })
const Guest = Found.extend({ project_id: Id })
const Employee = Found.extend({ grants: z.int() })

/** What there is to hand over, and who could take it. Never the asker: nobody gives themselves what others held. */
export async function holdingsOf(on: On, askerId: string, id: string): Promise<Holdings> {
  const held = await row(on, sql('holdings'), [askerId, id], Holdings.omit({ heirs: true }))
  if (!held) throw new Error('no holdings')
  return { ...held, heirs: await rows(on, sql('heirs'), [askerId, id], Heir) }
}

/** Throws invalid_request, field `hand_over_to`, for somebody who cannot take over. */
export async function handOver(session: Session, way: Way, acts: Act[]): Promise<void> {
  const heirs = await rows(session, sql('heirs'), [way.actor, way.from], Heir)
  if (!heirs.some((one) => one.id === way.to)) throw unknown('hand_over_to')
  const sponsored = await row(session, sql('sponsored'), [way.from], Projects)
  const open = await rows(session, sql('emergencies'), [way.actor, way.from], Open)
  await seeProjects(session, [...(sponsored?.projects ?? []), ...open.map((one) => one.project_id)])
  // Whoever was told of an emergency was told of one person: it ends, before its grant could go to another.
  for (const one of open) await endEmergency(session, way.actor, one, acts)
  const counts = {
    grants: await moveGrants(session, way, acts),
    links: await moveLinks(session, way, acts),
    groups: await moveGroups(session, way, acts),
    clients: await moveClients(session, way, acts),
    guests: await moveGuests(session, way, acts),
    employees: await moveEmployees(session, way, acts)
  }
  // Asked twice, it is one act.
  if (Object.values(counts).every((count) => count === 0)) return
  const facts = { to: way.to, ...counts }
  acts.push({ action: 'person.handed_over', actor_id: way.actor, subject_id: way.from, facts })
  await run(session, 'select announce($1)', [`person:${way.to}`])
}

async function moveGrants(session: Session, { actor, from, to }: Way, acts: Act[]): Promise<number> {
  const taken = await rows(session, sql('take_grants'), [from], Grant)
  for (const grant of taken) {
    const { thing_id, project_id, node_id, document_id, own_only, valid_from, valid_until, note } = grant
    const facts = { thing_id, principal_kind: 'person', level: levelOf(grant.level), allows: true, own_only }
    const about = { actor_id: actor, project_id }
    acts.push({ action: 'grant.taken', ...about, subject_id: from, facts: { ...facts, grant_id: grant.id } })
    const values = [to, node_id, document_id, grant.level, valid_from, valid_until, note, actor, own_only]
    const given = await row(session, sql('give_grant'), values, Found)
    if (given)
      acts.push({ action: 'grant.given', ...about, subject_id: to, facts: { ...facts, grant_id: given.id } })
    if (project_id) await run(session, 'select announce($1)', [`project:${project_id}`])
  }
  return taken.length
}

async function moveLinks(session: Session, { actor, from, to }: Way, acts: Act[]): Promise<number> {
  const moved = await rows(session, sql('move_links'), [from, to], Link)
  for (const { id, project_id } of moved)
    acts.push({
      action: 'link.handed_over',
      actor_id: actor,
      project_id,
      subject_id: id,
      facts: { before: from, to }
    })
  return moved.length
}

async function moveGroups(session: Session, { actor, from, to }: Way, acts: Act[]): Promise<number> {
  const held = await rows(session, sql('groups'), [from], Group)
  for (const { id, valid_until } of held) {
    await run(session, sql('leave_group'), [from, id])
    await run(session, sql('drop_group'), [from, id])
    await run(session, sql('join_group'), [to, id, valid_until])
    const facts = { group_id: id }
    acts.push({ action: 'group.left', actor_id: actor, subject_id: from, facts })
    acts.push({ action: 'group.joined', actor_id: actor, subject_id: to, facts })
  }
  return held.length
}

async function moveClients(session: Session, { actor, from, to }: Way, acts: Act[]): Promise<number> {
  const held = await rows(session, sql('clients'), [from], Client)
  for (const { id, until } of held) {
    await run(session, sql('assign'), [to, id, until])
    const facts = { organisation_id: id }
    acts.push({ action: 'assignment.ended', actor_id: actor, subject_id: from, facts })
    acts.push({ action: 'assignment.made', actor_id: actor, subject_id: to, facts })
  }
  return held.length
}

async function moveGuests(session: Session, { actor, from, to }: Way, acts: Act[]): Promise<number> {
  const moved = await rows(session, sql('move_guests'), [from, to], Guest)
  for (const { id, project_id } of moved)
    acts.push({
      action: 'guest.taken_over',
      actor_id: actor,
      project_id,
      subject_id: id,
      facts: { before: from, to }
    })
  return moved.length
}

/** A client's administrator's sub-accounts are capped by whoever takes over, who looks after the people as well. */
async function moveEmployees(session: Session, { actor, from, to }: Way, acts: Act[]): Promise<number> {
  const moved = await rows(session, sql('move_employees'), [from, to], Found)
  const ids = moved.map((one) => one.id)
  for (const { id, grants } of await rows(session, sql('move_shares'), [from, to, ids], Employee))
    acts.push({
      action: 'person.taken_over',
      actor_id: actor,
      subject_id: id,
      facts: { before: from, to, grants }
    })
  const administered = await rows(session, sql('administer'), [from, to], Found)
  for (const { id } of administered)
    acts.push({
      action: 'membership.changed',
      actor_id: actor,
      subject_id: to,
      facts: { organisation_id: id, administers: true }
    })
  if (administered.length > 0) await endSessions(session, actor, to, acts)
  return moved.length
}
