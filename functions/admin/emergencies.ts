/** Break-glass: opened, told, listed, ended. When it is allowed is rules/emergency.ts; what opens is a grant. */
import { z } from 'zod'
import { Id, type Level, levelNumber } from '../_shared/contract/common.ts'
import { Emergencies, Emergency, type NewEmergency } from '../_shared/contract/emergency.ts'
import { decide, reaches } from '../_shared/db/access.ts'
import type { Act } from '../_shared/db/audit.ts'
import { type Session, blocks, row, rows, run } from '../_shared/db/database.ts'
import { Problem, notFound } from '../_shared/problem.ts'
import { planEmergency } from '../_shared/rules/emergency.ts'
import { giveGrant, oneAtATime, takeGrant } from './grants.ts'

const sql = blocks<
  | 'others'
  | 'place'
  | 'project'
  | 'write'
  | 'tell'
  | 'mail'
  | 'list'
  | 'seen_projects'
  | 'open'
  | 'end'
  | 'read'
>(new URL('./emergencies.sql', import.meta.url))

type On = Parameters<typeof rows>[0]

const Found = z.object({ id: Id })
const Place = z.object({ kind: z.enum(['project', 'document']), project_id: Id })
/** One that is still open. */
export const Open = z.object({
  id: Id,
  person_id: Id,
  project_id: Id,
  document_id: Id.nullable(),
  grant_id: Id
})
export type Open = z.infer<typeof Open>

/** What is to be opened. */
export type Target = { thing_id: string; project_id: string; document_id: string | null }

/**
 * Throws not_found for an id of which there is nothing, or nothing of a client that the asker may know of, and
 * invalid_request, field `name`, where no project of the client is called so.
 */
export async function findTarget(on: On, askerId: string, wish: NewEmergency): Promise<Target> {
  if ('thing_id' in wish) {
    const place = await row(on, sql('place'), [askerId, wish.thing_id], Place)
    if (!place) throw notFound()
    const document_id = place.kind === 'document' ? wish.thing_id : null
    return { thing_id: wish.thing_id, project_id: place.project_id, document_id }
  }
  const [found, another] = await rows(on, sql('project'), [askerId, wish.client_id, wish.name], Found)
  if (found && !another) return { thing_id: found.id, project_id: found.id, document_id: null }
  const code = another ? 'ambiguous' : 'unknown'
  const detail = 'There is no one project of this client with this name.'
  throw new Problem('invalid_request', detail, { errors: [{ field: 'name', code, detail }] })
}

/**
 * The grant, its record, the others told and the act, all or nothing. Throws no_second_administrator; conflict for what
 * is held already; barred where a wall, an exclusion or a lock stands before it, which no grant beats.
 */
export async function breakGlass(
  session: Session,
  callerId: string,
  { thing_id, project_id, document_id }: Target,
  { level, reason }: NewEmergency,
  acts: Act[]
): Promise<void> {
  await oneAtATime(session, project_id)
  const others = (await rows(session, sql('others'), [callerId], Found)).map((one) => one.id)
  const held = (await decide(session, { id: callerId }, thing_id))?.level ?? null
  const plan = planEmergency({ others: others.length, held, asked: level }, new Date())
  if ('refused' in plan)
    throw new Problem(plan.refused, 'There is nobody who could be told, or nothing that would open.')
  const { until: valid_until } = plan
  const grant = grantOf(callerId, thing_id, level, valid_until, reason)
  const { id: grant_id } = await giveGrant(session, callerId, grant, document_id !== null)
  if (!reaches((await decide(session, { id: callerId }, thing_id))?.level ?? null, level))
    throw new Problem('barred', 'A wall, an exclusion, a denial or a lock stands before it.')
  const values = [callerId, grant_id, project_id, document_id, levelNumber(level), reason, valid_until]
  const made = await row(session, sql('write'), values, Found)
  if (!made) throw new Error('an emergency was not written')
  await run(session, sql('tell'), [made.id, others])
  await run(session, sql('mail'), [made.id, others])
  acts.push({
    ...{ action: 'emergency.opened', actor_id: callerId, project_id, document_id, subject_id: callerId },
    facts: { emergency_id: made.id, grant_id, thing_id, level, valid_until },
    detail: { reason }
  })
  for (const topic of [
    project_id && `project:${project_id}`,
    ...[callerId, ...others].map((id) => `person:${id}`)
  ])
    await run(session, 'select announce($1)', [topic])
}

const grantOf = (
  principal_id: string,
  thing_id: string,
  level: Level,
  valid_until: string,
  note: string
) => ({
  ...{ thing_id, principal_kind: 'person' as const, principal_id, level, allows: true, own_only: false },
  ...{ valid_from: null, valid_until, note, confirm: false }
})

/** Newest first, with the names that the reader may see. */
export async function listEmergencies(
  session: Session,
  readerId: string
): Promise<z.infer<typeof Emergencies>> {
  const items = await rows(session, sql('list'), [readerId], Emergency)
  const others = await rows(session, sql('others'), [readerId], Found)
  return { items, possible: others.length > 0 }
}

export const emergencyProjects = async (on: On, readerId: string): Promise<string[]> =>
  (await rows(on, sql('seen_projects'), [readerId], Found)).map((one) => one.id)

/** One that is still open; throws not_found. */
export async function requireOpen(on: On, askerId: string, id: string): Promise<Open> {
  const open = await row(on, sql('open'), [askerId, id], Open)
  if (!open) throw notFound()
  return open
}

/** Before its time: its grant goes. */
export async function endEmergency(
  session: Session,
  callerId: string,
  { id, person_id, project_id, document_id, grant_id }: Open,
  acts: Act[]
): Promise<void> {
  await oneAtATime(session, project_id)
  if ((await run(session, sql('end'), [id, callerId])) === 0) throw notFound()
  await takeGrant(session, grant_id)
  acts.push({
    ...{ action: 'emergency.ended', actor_id: callerId, project_id, document_id, subject_id: person_id },
    facts: { emergency_id: id, grant_id }
  })
  for (const topic of [`project:${project_id}`, `person:${person_id}`, `person:${callerId}`])
    await run(session, 'select announce($1)', [topic])
}

export const markEmergenciesRead = (on: Session, readerId: string, ids: string[] | null) =>
  run(on, sql('read'), [readerId, ids])
