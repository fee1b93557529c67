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

/** Somebody who has an address, or a placeholder for them. */
type Holder = {
  id: string
  joined: boolean
  active: boolean
  /** A sub-account of hers. */
  own: boolean
  /** She may know of them. */
  known: boolean
  placeholder: boolean
}

export type EmployeePlan =
  | { do: 'create' | 'hold_place' | 'refuse' }
  /** `free`: the placeholder's address is nobody's any more, and becomes its own. */
  | { do: 'invite_again'; id: string; free: boolean }

/**
 * What becomes of an address that a client's administrator invites as an employee. Where somebody has it of whom she may
 * not know, a placeholder takes the account's place: answer, lists and log are those of a new address, today and later,
 * else they would tell who has an account. Two whom she knows: the account comes before its placeholder.
 */
export function planEmployee(holders: Holder[]): EmployeePlan {
  const taken = holders.some((one) => !one.placeholder)
  const known = holders.filter((one) => one.known).toSorted((a, b) => +a.placeholder - +b.placeholder)[0]
  if (!known) return { do: taken ? 'hold_place' : 'create' }
  if (!known.own || !known.active || known.joined) return { do: 'refuse' }
  return { do: 'invite_again', id: known.id, free: known.placeholder && !taken }
}
