/** What every change of access has in common: one after the other, written down, told to open pages. */
import type { Grant, PrincipalKind } from '../_shared/contract/access.ts'
import { type Managed, decideManaged } from '../_shared/db/access.ts'
import type { Act } from '../_shared/db/audit.ts'
import { type Session, run } from '../_shared/db/database.ts'
import { notFound } from '../_shared/problem.ts'
import { type Held, oneAtATime } from './grants.ts'

export const projectsOf = (thing: Managed): string[] => (thing.project_id ? [thing.project_id] : [])

/** Changes come one after the other, and whoever lost `manage` while waiting changes nothing. */
export async function beginChange(
  session: Session,
  callerId: string,
  thing: Managed,
  thingId: string
): Promise<void> {
  await oneAtATime(session, thing.project_id)
  if (!(await decideManaged(session, { id: callerId }, thingId))) throw notFound()
}

/** @param principal whose open pages shall look again; null: those of the project are enough */
export async function announceChange(
  session: Session,
  thing: Managed,
  principal: { id: string; kind: PrincipalKind } | null
): Promise<void> {
  if (thing.project_id) await run(session, 'select announce($1)', [`project:${thing.project_id}`])
  if (principal?.kind === 'person') await run(session, 'select announce($1)', [`person:${principal.id}`])
}

/** Ids, levels and windows; the note is people's own words and stays with the grant. */
export function givenAct(callerId: string, thing: Managed, grant: Grant): Act {
  const { principal, level, allows, own_only, valid_from, valid_until } = grant
  return {
    action: 'grant.given',
    ...about(callerId, thing, grant.thing.id, principal.id),
    facts: {
      grant_id: grant.id,
      ...placeOf(thing, grant.thing.id),
      principal_kind: principal.kind,
      ...{ level, allows, own_only, valid_from, valid_until }
    }
  }
}

export function changedAct(callerId: string, thing: Managed, before: Held, now: Grant): Act {
  const { level, allows, valid_from, valid_until } = now
  return {
    action: 'grant.changed',
    ...about(callerId, thing, before.thing_id, before.principal_id),
    facts: {
      grant_id: before.id,
      ...placeOf(thing, before.thing_id),
      principal_kind: before.principal_kind,
      ...{ level, allows, valid_from, valid_until },
      level_before: before.level,
      allows_before: before.allows,
      valid_from_before: before.valid_from,
      valid_until_before: before.valid_until
    }
  }
}

export function takenAct(callerId: string, thing: Managed, held: Held): Act {
  const { id, thing_id, principal_kind, level, allows, own_only, valid_from, valid_until } = held
  return {
    action: 'grant.taken',
    ...about(callerId, thing, thing_id, held.principal_id),
    facts: {
      grant_id: id,
      ...placeOf(thing, thing_id),
      principal_kind,
      ...{ level, allows, own_only, valid_from, valid_until }
    }
  }
}

export const closedAct = (
  callerId: string,
  thing: Managed,
  thingId: string,
  inherits: boolean,
  grant_id: string | null
): Act => ({
  action: inherits ? 'access.opened' : 'access.closed',
  ...about(callerId, thing, thingId, thingId),
  facts: { ...placeOf(thing, thingId), grant_id }
})

const placeOf = (thing: Managed, thing_id: string) => ({ thing_id, thing_kind: thing.kind })

const about = (actor_id: string, thing: Managed, thingId: string, subject_id: string) => ({
  actor_id,
  project_id: thing.project_id,
  document_id: thing.kind === 'document' ? thingId : null,
  subject_id
})
