/** Somebody's account: read for its page, locked, opened, given another role. Who may is rules/account.ts. */
import { z } from 'zod'
import { endSessions } from '../_shared/auth/end-sessions.ts'
import { withdrawWayIn, withdrawWaysInOf } from '../_shared/auth/ways-in.ts'
import { Account } from '../_shared/contract/account.ts'
import { Id, Locale } from '../_shared/contract/common.ts'
import { StaffRole } from '../_shared/contract/person.ts'
import type { Act } from '../_shared/db/audit.ts'
import { type Session, blocks, row, rows, run } from '../_shared/db/database.ts'
import { notFound } from '../_shared/problem.ts'
import { type AccountPlan, isRise } from '../_shared/rules/account.ts'
import { openWayIn } from './way-in.ts'

const sql = blocks<
  | 'one'
  | 'keys'
  | 'links'
  | 'begin'
  | 'facts'
  | 'set_role'
  | 'deactivate'
  | 'reactivate'
  | 'revoke_keys'
  | 'revoke_links'
  | 'end_invitations'
>(new URL('./accounts.sql', import.meta.url))

type On = Parameters<typeof rows>[0]

const Facts = z.object({
  id: Id,
  staff_role: StaffRole.nullable(),
  locale: Locale,
  active: z.boolean(),
  joined: z.boolean()
})
const Ended = z.object({ id: Id })
const EndedLink = z.object({ id: Id, project_id: Id.nullable() })
const [Key, Link] = [Account.shape.keys.element, Account.shape.links.element]

/** Null: nobody, or nobody whom the asker may know of. */
export async function readAccount(on: On, askerId: string, id: string): Promise<Account | null> {
  const person = await row(
    on,
    sql('one'),
    [askerId, id],
    Account.omit({ keys: true, links: true, way_in: true })
  )
  if (!person) return null
  const keys = await rows(on, sql('keys'), [id], Key)
  const links = await rows(on, sql('links'), [askerId, id], Link)
  return { ...person, keys, links, way_in: await openWayIn(on, askerId, id) }
}

/**
 * The person's facts, locked. One change of this kind at a time, so that whoever was taken out while waiting changes
 * nothing. Throws not_found for a caller who runs the firm no longer.
 */
export async function beginAccountChange(session: Session, callerId: string, id: string) {
  await run(session, sql('begin'))
  const caller = await row(session, sql('facts'), [callerId], Facts)
  if (!caller?.active || caller.staff_role !== 'administrator') throw notFound()
  const person = await row(session, sql('facts'), [id], Facts)
  if (!person) throw notFound()
  return person
}

export async function changeAccount(
  session: Session,
  actor_id: string,
  person: { id: string; staff_role: StaffRole | null },
  plan: Omit<AccountPlan, 'hand_over_to'>,
  acts: Act[]
): Promise<void> {
  const about = { actor_id, subject_id: person.id }
  if (plan.staff_role) {
    await run(session, sql('set_role'), [person.id, plan.staff_role])
    const facts = { before: person.staff_role, staff_role: plan.staff_role }
    acts.push({ action: 'person.role_changed', ...about, facts })
    await withdrawWaysInOf(session, actor_id, person.id, acts)
    if (isRise(person.staff_role, plan.staff_role)) await endSessions(session, actor_id, person.id, acts)
  }
  if (plan.reactivate) {
    await run(session, sql('reactivate'), [person.id])
    acts.push({ action: 'person.reactivated', ...about })
  }
  if (plan.deactivate) {
    await run(session, sql('deactivate'), [person.id])
    acts.push({ action: 'person.deactivated', ...about })
    await shutDoors(session, actor_id, person.id, acts)
  }
}

/** What opened doors for somebody opens none any more, and does not come back with them. */
async function shutDoors(session: Session, actor_id: string, id: string, acts: Act[]): Promise<void> {
  await endSessions(session, actor_id, id, acts)
  await run(session, sql('end_invitations'), [id])
  await withdrawWayIn(session, actor_id, id, acts)
  await withdrawWaysInOf(session, actor_id, id, acts)
  for (const key of await rows(session, sql('revoke_keys'), [id], Ended))
    acts.push({ action: 'key.revoked', actor_id, subject_id: key.id, facts: { person_id: id } })
  for (const link of await rows(session, sql('revoke_links'), [id], EndedLink)) {
    acts.push({ action: 'link.revoked', actor_id, project_id: link.project_id, subject_id: link.id })
    if (link.project_id) await run(session, 'select announce($1)', [`project:${link.project_id}`])
  }
}
