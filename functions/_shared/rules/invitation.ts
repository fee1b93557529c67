/** Who may invite whom, and what an invitation changes. Pure: facts in, plan out. */
import type { Level } from '../contract/common.ts'
import type { StaffRole } from '../contract/person.ts'
import type { z } from 'zod'

type Role = z.infer<typeof StaffRole>

export type InvitationFacts = {
  /** The inviter's; null: a client. */
  role: Role | null
  wish: {
    staff_role: Role | null
    organisation_id: string | null
    project_id: string | null
    level: Level | null
    /** A guest of the project until then. */
    guest_until?: string | null
  }
  /** The organisation that was asked for; null: none. */
  organisation: {
    /** The inviter may know of it. */
    known: boolean
    /** It is the client of the project that was asked for. */
    of_project: boolean
    /** Nothing is granted to it that the inviter does not manage. */
    within_reach: boolean
  } | null
  /** Who has this address already; null: nobody. */
  existing: {
    joined: boolean
    active: boolean
    staff_role: Role | null
    /** The inviter may know of them. */
    known: boolean
    /** Of the organisation that was asked for. */
    member: boolean
  } | null
}

export type InvitationPlan = {
  create_person: boolean
  add_membership: boolean
  give_grant: boolean
  /** access: they are in already and have got something new; null: there is nothing to tell. */
  mail: 'invitation' | 'access' | null
}

export type InvitationRefused =
  | { refused: 'not_found' | 'forbidden' | 'email_taken' }
  | { refused: 'invalid_request'; field: string; code: 'required' | 'unknown' | 'conflict' }

/**
 * Administrators invite anybody; staff invite to projects that they manage, and into the project's client. Managing the
 * project, where one is named, has been asked of the access rule before.
 *
 * Whom the inviter may not know of is treated like somebody new as far as an answer could tell: the grant is given,
 * nothing else changes, and nothing is refused.
 */
export function planInvitation(facts: InvitationFacts): InvitationPlan | InvitationRefused {
  return refusalOf(facts) ?? planFor(facts)
}

function refusalOf({ role, wish, organisation, existing }: InvitationFacts): InvitationRefused | null {
  if (role === null) return { refused: 'not_found' }
  if (role !== 'administrator' && role !== 'staff') return { refused: 'forbidden' }
  if (wish.level !== null && wish.project_id === null) return bad('project_id', 'required')
  if (wish.guest_until && (wish.level === null || wish.level === 'manage')) return bad('level', 'required')
  if (wish.guest_until && wish.staff_role !== null) return bad('guest_until', 'conflict')
  if (wish.guest_until && organisation !== null) return bad('guest_until', 'conflict')
  if (wish.staff_role !== null && organisation !== null) return bad('organisation_id', 'conflict')
  if (organisation !== null && !organisation.known) return bad('organisation_id', 'unknown')
  if (role === 'staff') {
    if (wish.staff_role !== null || wish.project_id === null) return { refused: 'forbidden' }
    // Else a member let into another client's organisation would see what the inviter never could.
    if (organisation !== null && !(organisation.of_project && organisation.within_reach))
      return { refused: 'forbidden' }
  }
  return existing?.known && isTaken(wish, organisation !== null, existing) ? { refused: 'email_taken' } : null
}

/** Known, and not to be invited to this: deactivated, of another standing, or in and with nothing new to get. */
function isTaken(
  wish: InvitationFacts['wish'],
  asksMembership: boolean,
  existing: NonNullable<InvitationFacts['existing']>
): boolean {
  if (!existing.active) return true
  if (wish.staff_role !== null && wish.staff_role !== existing.staff_role) return true
  if (existing.staff_role !== null && asksMembership) return true
  return existing.joined && wish.level === null && (!asksMembership || existing.member)
}

function planFor({ wish, organisation, existing }: InvitationFacts): InvitationPlan {
  const give_grant = wish.level !== null
  if (!existing)
    return { create_person: true, add_membership: organisation !== null, give_grant, mail: 'invitation' }
  if (!existing.active) return { create_person: false, add_membership: false, give_grant: false, mail: null }
  const add_membership = organisation !== null && existing.known && !existing.member
  const mail = !existing.joined ? 'invitation' : give_grant || add_membership ? 'access' : null
  return { create_person: false, add_membership, give_grant, mail }
}

const bad = (field: string, code: 'required' | 'unknown' | 'conflict'): InvitationRefused => ({
  refused: 'invalid_request',
  field,
  code
})
