/** What an administrator may do with somebody's account. Pure; that one administrator remains is the database's word. */
import type { AccountChange } from '../contract/account.ts'
import type { StaffRole } from '../contract/person.ts'

export type AccountFacts = {
  id: string
  staff_role: StaffRole | null
  active: boolean
  /** False until the invitation was accepted. */
  joined: boolean
}

export type AccountPlan = {
  /** null: stays. */
  staff_role: StaffRole | null
  deactivate: boolean
  reactivate: boolean
  /** Who gets what they hold; null: nobody. */
  hand_over_to: string | null
}

/**
 * Only what changes is done, so that the same wish twice is one act. Nobody locks themselves out: whoever leaves is locked
 * by a colleague, and only what a locked account holds goes to somebody else. A client becomes nobody of the firm by a switch, for they belong to an organisation: they are invited.
 */
export function planAccountChange(
  caller: { id: string },
  person: AccountFacts,
  wish: AccountChange
): AccountPlan | 'conflict' {
  const staff_role = wish.staff_role && wish.staff_role !== person.staff_role ? wish.staff_role : null
  const deactivate = wish.active === false && person.active
  const reactivate = wish.active === true && !person.active
  if (staff_role !== null && person.staff_role === null) return 'conflict'
  if (deactivate && person.id === caller.id) return 'conflict'
  const hand_over_to = wish.hand_over_to ?? null
  if (hand_over_to !== null && person.active && !deactivate) return 'conflict'
  return { staff_role, deactivate, reactivate, hand_over_to }
}

/**
 * Whether a role allows what the one before did not: then the sessions of before end. An administrator holds all that the
 * others do, staff all that an assistant does; an auditor stands aside.
 */
export const isRise = (before: StaffRole | null, after: StaffRole): boolean =>
  before !== 'administrator' && !(before === 'staff' && after === 'assistant')

/**
 * A way in beside the factors that are lost is for whoever has a password and may be in; who waits for an invitation gets
 * that again. Never for oneself.
 */
export const mayGiveWayIn = (caller: { id: string }, person: AccountFacts): boolean =>
  person.id !== caller.id && person.active && person.joined

/** The second pair of eyes is neither the first nor the one whom it lets in. */
export const mayConfirmWayIn = (
  caller: { id: string },
  way: { person_id: string; made_by: string; four_eyes: boolean; confirmed: boolean }
): boolean => way.four_eyes && !way.confirmed && caller.id !== way.made_by && caller.id !== way.person_id
