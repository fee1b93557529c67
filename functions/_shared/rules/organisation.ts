/** Who may do what with an organisation and its people. Pure: facts in, answer out. */
import { type Level, levelNumber } from '../contract/common.ts'
import type { StaffRole } from '../contract/person.ts'

export type Reader = 'firm_administrator' | 'staff' | 'reading_staff' | 'client_administrator'

/** As whom somebody comes to an organisation; null: there is nothing here for them. */
export function readerOf(facts: {
  role: StaffRole | null
  /** They may know of the organisation. */
  known: boolean
  /** They look after its people. */
  administers: boolean
}): Reader | null {
  if (!facts.known) return null
  if (facts.role === 'administrator') return 'firm_administrator'
  if (facts.role === 'staff') return 'staff'
  if (facts.role !== null) return 'reading_staff'
  return facts.administers ? 'client_administrator' : null
}

/** What an act on an organisation needs. */
const NEEDS = {
  rename: ['firm_administrator', 'staff'],
  members: ['firm_administrator'],
  team: ['firm_administrator'],
  employees: ['client_administrator']
} as const satisfies Record<string, readonly Reader[]>
export type OrganisationAct = keyof typeof NEEDS

export const mayActOn = (reader: Reader, act: OrganisationAct): boolean =>
  (NEEDS[act] as readonly Reader[]).includes(reader)

/** What is given on to a sub-account is at most what the giver holds. The rule caps it again at each question. */
export const mayGiveOn = (held: Level | null, asked: Level): boolean =>
  held !== null && levelNumber(asked) <= levelNumber(held)

/**
 * What becomes of an address that a client's administrator invites as an employee. Somebody whom she may not know of is
 * answered like somebody new, and nothing changes: else the answer would tell who has an account.
 */
export function planEmployee(
  existing: {
    joined: boolean
    active: boolean
    /** A sub-account of hers. */
    own: boolean
    known: boolean
  } | null
): 'create' | 'invite_again' | 'nothing' | 'email_taken' {
  if (!existing) return 'create'
  if (!existing.known) return 'nothing'
  return existing.own && existing.active && !existing.joined ? 'invite_again' : 'email_taken'
}
