/** Guests of projects: who they are, until when, who answers for them. When an end is fine is rules/guest.ts. */
import { z } from 'zod'
import { Id, Time } from '../_shared/contract/common.ts'
import { Guest, type GuestChange } from '../_shared/contract/guest.ts'
import type { Act } from '../_shared/db/audit.ts'
import { type Session, blocks, row, rows, run } from '../_shared/db/database.ts'
import { Problem, notFound } from '../_shared/problem.ts'
import { guestEnd } from '../_shared/rules/guest.ts'

const sql = blocks<
  | 'days_max'
  | 'list'
  | 'own_of_project'
  | 'set'
  | 'clamp'
  | 'lock'
  | 'answers'
  | 'extend'
  | 'take_over'
  | 'stay'
  | 'move_grants'
>(new URL('./guests.sql', import.meta.url))

const Days = z.object({ n: z.int() })
const Found = z.object({ id: Id })
const Held = z.object({ id: Id, sponsor_id: Id, valid_until: Time })

export const guestDays = async (session: Session) => (await row(session, sql('days_max'), [], Days))?.n ?? 0

export const listGuests = (session: Session, readerId: string, projectId: string) =>
  rows(session, sql('list'), [projectId, readerId], Guest)

/** Throws invalid_request, field `guest_until`, for an end that has been or is further away than the firm allows. */
export async function requireGuestEnd(session: Session, until: string, field: string): Promise<void> {
  const verdict = guestEnd(until, new Date(), await guestDays(session))
  if (verdict === 'fine') return
  const detail = verdict === 'past' ? 'This has been.' : 'Longer than guests may stay.'
  throw new Problem('invalid_request', detail, { errors: [{ field, code: verdict, detail }] })
}

/** Throws email_taken for somebody of the firm or of the project's client: they are no guests. */
export async function makeGuest(
  session: Session,
  sponsorId: string,
  guest: { project_id: string; person_id: string; until: string },
  acts: Act[]
): Promise<void> {
  const { project_id, person_id, until } = guest
  if (await row(session, sql('own_of_project'), [project_id, person_id, sponsorId], Found))
    throw new Problem('email_taken', 'This person belongs to the firm or to the client.')
  await run(session, sql('set'), [project_id, person_id, sponsorId, until])
  await run(session, sql('clamp'), [project_id, person_id, until])
  const facts = { valid_until: until }
  acts.push({ action: 'guest.invited', actor_id: sponsorId, project_id, subject_id: person_id, facts })
}

/** Throws not_found for somebody who is no guest, forbidden for an extension by anybody but the sponsor. */
export async function changeGuest(
  session: Session,
  callerId: string,
  projectId: string,
  personId: string,
  wish: GuestChange,
  acts: Act[]
): Promise<void> {
  const held = await row(session, sql('lock'), [projectId, personId], Held)
  if (!held) throw notFound()
  const about = { actor_id: callerId, project_id: projectId, subject_id: personId }
  if ('take_over' in wish) {
    await run(session, sql('take_over'), [projectId, personId, callerId])
    acts.push({ action: 'guest.taken_over', ...about, facts: { before: held.sponsor_id } })
    return
  }
  if ('stays' in wish) {
    await run(session, sql('stay'), [projectId, personId])
    await run(session, sql('move_grants'), [projectId, personId, held.valid_until, null])
    acts.push({ action: 'guest.stayed', ...about })
    return
  }
  const { valid_until } = wish
  const earlier = Date.parse(valid_until) < Date.parse(held.valid_until)
  if (!earlier && !(await row(session, sql('answers'), [held.sponsor_id, callerId], Found)))
    throw new Problem('forbidden', 'Only whoever answers for a guest lets them stay longer.')
  const end = earlier && Date.parse(valid_until) <= Date.now() ? new Date().toISOString() : valid_until
  if (!earlier) await requireGuestEnd(session, valid_until, 'valid_until')
  await run(session, sql('extend'), [projectId, personId, end])
  await run(session, sql('move_grants'), [projectId, personId, held.valid_until, end])
  const facts: Act['facts'] = { before: held.valid_until, valid_until: end }
  if (!earlier && held.sponsor_id !== callerId) facts.deputy_of = held.sponsor_id
  acts.push({ action: 'guest.extended', ...about, facts })
}
