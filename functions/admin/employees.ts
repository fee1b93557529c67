/** Sub-accounts: a client's administrator lets employees in, says which projects are theirs, and lets them go. */
import { z } from 'zod'
import { emailKey } from '../_shared/auth/email.ts'
import { Id, type Level, Level as AnyLevel, levelOf } from '../_shared/contract/common.ts'
import type { NewEmployee } from '../_shared/contract/organisation.ts'
import { decide } from '../_shared/db/access.ts'
import type { Act } from '../_shared/db/audit.ts'
import { type Session, blocks, row, rows, run } from '../_shared/db/database.ts'
import { Problem, notFound } from '../_shared/problem.ts'
import { mayGiveOn, planEmployee } from '../_shared/rules/organisation.ts'
import { giveGrant, oneAtATime, takeGrant } from './grants.ts'
import { sendInvitation } from './invitations.ts'

const sql = blocks<'existing' | 'create' | 'hold_place' | 'free_place' | 'own' | 'given'>(
  new URL('./employees.sql', import.meta.url)
)

const Found = z.object({ id: Id })
const Existing = Found.extend({
  joined: z.boolean(),
  active: z.boolean(),
  own: z.boolean(),
  known: z.boolean(),
  placeholder: z.boolean()
})
const Own = Found.extend({ joined: z.boolean(), active: z.boolean() })
const Given = Found.extend({ level: z.number().transform((level) => AnyLevel.parse(levelOf(level))) })

/** A project and the level on it; null: taken away. */
export type Share = { project_id: string; level: Level | null }

/**
 * The sub-account, invited by mail: to a placeholder none goes out (pipeline/notify.sql), all else is the same. Throws
 * email_taken for somebody whom the caller knows already.
 */
export async function inviteEmployee(
  session: Session,
  callerId: string,
  organisationId: string,
  wish: NewEmployee,
  acts: Act[]
): Promise<void> {
  const found = await personFor(session, callerId, organisationId, wish)
  await setShares(session, callerId, found.id, wish.projects, acts)
  const link_id = await sendInvitation(session, callerId, found.id, organisationId)
  const facts = { link_id, organisation_id: organisationId, capped_by: callerId, again: found.again }
  acts.push({ action: 'person.invited', actor_id: callerId, subject_id: found.id, facts })
}

async function personFor(
  session: Session,
  callerId: string,
  organisationId: string,
  { email, name, locale }: NewEmployee
): Promise<{ id: string; again: boolean }> {
  const key = emailKey(email)
  for (;;) {
    const existing = await rows(session, sql('existing'), [callerId, key, organisationId], Existing)
    const plan = planEmployee(existing)
    if (plan.do === 'refuse') throw new Problem('email_taken', 'This person is here already.')
    if (plan.do === 'invite_again') {
      if (plan.free) await run(session, sql('free_place'), [plan.id])
      return { id: plan.id, again: true }
    }
    const values = [name, email, key, locale, callerId, organisationId]
    const made = await row(session, sql(plan.do), values, Found)
    if (made) return { id: made.id, again: false }
  }
}

/** The caller's own sub-account in this organisation, locked. Throws not_found for everybody else. */
export async function requireEmployee(
  session: Session,
  callerId: string,
  organisationId: string,
  id: string
) {
  const person = await row(session, sql('own'), [callerId, organisationId, id], Own)
  if (!person) throw notFound()
  return person
}

/** Several at once, always locked in the same order. */
export async function setShares(
  session: Session,
  callerId: string,
  personId: string,
  shares: Share[],
  acts: Act[]
): Promise<void> {
  const sorted = shares.toSorted((a, b) => (a.project_id < b.project_id ? -1 : 1))
  for (const share of sorted) await setShare(session, callerId, personId, share, acts)
}

/** Gives, changes or takes what the caller gave on a project. Throws not_found for a project that is none of theirs. */
async function setShare(
  session: Session,
  callerId: string,
  personId: string,
  share: Share,
  acts: Act[]
): Promise<void> {
  const { project_id, level } = share
  await oneAtATime(session, project_id)
  const thing = await decide(session, { id: callerId }, project_id, 'node')
  const before = await rows(session, sql('given'), [callerId, personId, project_id], Given)
  // What was given can be taken back also where one sees nothing any more.
  if (thing?.kind !== 'project' && (level !== null || before.length === 0)) throw notFound()
  if (level !== null && !mayGiveOn(thing?.level ?? null, level))
    throw new Problem('forbidden', 'Nobody gives on more than they hold.')
  if (level !== null && before.some((grant) => grant.level === level)) return
  const about = { actor_id: callerId, project_id, subject_id: personId }
  const facts = { thing_id: project_id, thing_kind: 'project', principal_kind: 'person', allows: true }
  for (const grant of before) {
    await takeGrant(session, grant.id)
    acts.push({
      action: 'grant.taken',
      ...about,
      facts: { ...facts, grant_id: grant.id, level: grant.level }
    })
  }
  if (level !== null) {
    const wish = { thing_id: project_id, principal_kind: 'person', principal_id: personId, level } as const
    const given = {
      ...wish,
      allows: true,
      own_only: false,
      valid_from: null,
      valid_until: null,
      note: null,
      confirm: false
    }
    const { id, fresh } = await giveGrant(session, callerId, given, false)
    if (fresh) acts.push({ action: 'grant.given', ...about, facts: { ...facts, grant_id: id, level } })
  }
  await run(session, 'select announce($1)', [`project:${project_id}`])
}
