/** Inviting somebody by mail. The answer is the same whether or not the address is known here. */
import { setTimeout as wait } from 'node:timers/promises'
import { createRoute, type z } from '@hono/zod-openapi'
import { emailKey } from '../../_shared/auth/email.ts'
import { INVITATION_DAYS } from '../../_shared/auth/link.ts'
import { requireProof } from '../../_shared/auth/proof.ts'
import { type Caller, requireCaller, requireRole } from '../../_shared/auth/session.ts'
import { Invitation, NewInvitation } from '../../_shared/contract/person.ts'
import { decide, requireLevel } from '../../_shared/db/access.ts'
import type { Act } from '../../_shared/db/audit.ts'
import { type Session, run } from '../../_shared/db/database.ts'
import { type Api, json, jsonBody, problems } from '../../_shared/http.ts'
import { idempotent, remember } from '../../_shared/idempotency.ts'
import { Problem, notFound } from '../../_shared/problem.ts'
import {
  type InvitationPlan,
  type InvitationRefused,
  planInvitation
} from '../../_shared/rules/invitation.ts'
import { database, limits } from '../database.ts'
import { giveGrant, oneAtATime } from '../grants.ts'
import { makeGuest, requireGuestEnd } from '../guests.ts'
import {
  addMembership,
  createPerson,
  findExisting,
  organisationFacts,
  sendAccess,
  sendInvitation
} from '../invitations.ts'

type Wish = z.infer<typeof NewInvitation>

/** Milliseconds that an answer takes at least: more than making an account needs, so that none tells whether there was one. */
const EVEN = 60

const invite = createRoute({
  method: 'post',
  path: '/invitations',
  summary: 'Invite somebody by mail; again: a new link',
  middleware: [requireCaller(database), requireProof, idempotent(database)] as const,
  request: jsonBody(NewInvitation),
  responses: { 201: json(Invitation), ...problems }
})

export function invitationRoutes(app: Api): void {
  app.openapi(invite, async (c) => {
    const caller = c.var.caller
    requireRole(caller, 'administrator', 'staff')
    const wish = c.req.valid('json')
    await limits.spend([
      { limit: 'invite', key: caller.id },
      { limit: 'invite_recipient', key: emailKey(wish.email) }
    ])
    if (wish.project_id !== null) {
      const thing = await requireLevel(database, caller, wish.project_id, 'manage', 'node')
      if (thing.kind !== 'project') throw notFound()
    }
    const projects = wish.project_id === null ? [] : [wish.project_id]
    const work = database.transaction(projects, async (session, acts) => {
      const done = await carryOut(session, caller, wish, acts)
      await remember(c, session, 201, done)
      return done
    })
    const [answer] = await Promise.all([work, wait(EVEN)])
    return c.json(answer, 201)
  })
}

async function carryOut(
  session: Session,
  caller: Caller,
  wish: Wish,
  acts: Act[]
): Promise<z.infer<typeof Invitation>> {
  if (wish.project_id !== null) {
    await oneAtATime(session, wish.project_id)
    // Asked again under the lock: a colleague may have taken this right away while the call waited.
    const still = await decide(session, caller, wish.project_id, 'node')
    if (still?.level !== 'manage') throw notFound()
  }
  const { plan, personId } = await whomFor(session, caller, wish)
  if (plan.add_membership && wish.organisation_id)
    await addMembership(session, personId, wish.organisation_id)
  if (wish.guest_until && wish.project_id !== null) await beGuest(session, caller, wish, personId, acts)
  if (plan.give_grant) await grant(session, caller, wish, personId, acts)
  const linkId = await tell(session, caller, wish, personId, plan)
  acts.push({
    action: 'person.invited',
    actor_id: caller.id,
    project_id: wish.project_id,
    subject_id: personId,
    facts: {
      link_id: linkId,
      organisation_id: plan.add_membership ? wish.organisation_id : null,
      staff_role: wish.staff_role,
      again: !plan.create_person
    }
  })
  await run(session, 'select announce($1)', [`person:${personId}`])
  const expires = new Date(Date.now() + INVITATION_DAYS * 86_400_000)
  return { email: wish.email, name: wish.name, expires_at: expires.toISOString() }
}

/** Who it is for, and what is to be done for them. Throws what the rule refuses. */
async function whomFor(
  session: Session,
  caller: Caller,
  wish: Wish
): Promise<{ plan: InvitationPlan; personId: string }> {
  const organisation = await organisationFacts(session, caller.id, wish)
  for (;;) {
    const existing = await findExisting(session, caller.id, wish)
    const plan = planInvitation({ role: caller.staff_role, wish, organisation, existing })
    if ('refused' in plan) throw problemOf(plan)
    const personId = existing ? existing.id : await createPerson(session, wish)
    // Somebody else invited the same address at the same moment: now they are there, and the rule is asked again.
    if (personId) return { plan, personId }
  }
}

/** Before the grant is given, which then ends with the stay. */
async function beGuest(
  session: Session,
  caller: Caller,
  { project_id, guest_until: until }: Wish,
  person_id: string,
  acts: Act[]
): Promise<void> {
  if (project_id === null || until === null) return
  await requireGuestEnd(session, until, 'guest_until')
  await makeGuest(session, caller.id, { project_id, person_id, until }, acts)
}

async function grant(
  session: Session,
  caller: Caller,
  wish: Wish,
  personId: string,
  acts: Act[]
): Promise<void> {
  const { project_id, level } = wish
  if (project_id === null || level === null) return
  const given = {
    thing_id: project_id,
    principal_kind: 'person',
    principal_id: personId,
    level,
    allows: true,
    own_only: false,
    valid_from: null,
    valid_until: wish.guest_until,
    note: null,
    confirm: false
  } as const
  const { id, fresh } = await giveGrant(session, caller.id, given, false)
  if (!fresh) return
  acts.push({
    action: 'grant.given',
    actor_id: caller.id,
    project_id,
    subject_id: personId,
    facts: {
      grant_id: id,
      thing_id: project_id,
      thing_kind: 'project',
      principal_kind: 'person',
      level,
      allows: true
    }
  })
  await run(session, 'select announce($1)', [`project:${project_id}`])
}

/** The link's id where one was mailed. A client's mails wait behind that client's own only. */
async function tell(
  session: Session,
  caller: Caller,
  wish: Wish,
  personId: string,
  plan: InvitationPlan
): Promise<string | null> {
  const fairness = wish.organisation_id ?? ''
  if (plan.mail === 'invitation') return sendInvitation(session, caller.id, personId, fairness)
  if (plan.mail === 'access') await sendAccess(session, personId, fairness)
  return null
}

function problemOf(refused: InvitationRefused): Problem {
  if (refused.refused === 'invalid_request')
    return new Problem('invalid_request', 'This invitation does not fit together.', {
      errors: [{ field: refused.field, code: refused.code, detail: `${refused.field}: ${refused.code}` }]
    })
  if (refused.refused === 'not_found') return notFound()
  if (refused.refused === 'email_taken')
    return new Problem('email_taken', 'This person is here already, and would get nothing new.')
  return new Problem('forbidden', 'Your role or your rights on the project do not allow this invitation.')
}
