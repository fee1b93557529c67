/** Who must have a second factor, and what may become of it. Pure. By when one is due is SQL's (second_factor_due). */
import type { NextStep } from '../contract/person.ts'

/** What of each kind stands: a code by mail or text message counts where the firm allows it. */
export type FactorFacts = { app: boolean; passkeys: number; email: boolean; sms: boolean }

export const countFactors = ({ app, passkeys, email, sms }: FactorFacts): number =>
  passkeys + [app, email, sms].filter(Boolean).length

/** The last one stays while one is asked for: without it there is no way in but through an administrator. */
export const mayRemoveFactor = (left: FactorFacts, asked: boolean): boolean =>
  !asked || countFactors(left) > 0

/**
 * Who may set a factor up: whoever has shown all that they can show. With the password alone nobody adds a factor beside
 * those that are there, nor in the place of one that the firm allows no longer.
 */
export const maySetUpFactor = (caller: { owes: NextStep }): boolean => caller.owes !== 'second_factor'

/** Codes that are sent are never for who runs the firm; by mail only beside a password that could stand alone. */
export const mayHaveSentCodes = (
  kind: 'email' | 'sms',
  person: { staff_role: string | null; password_alone: boolean },
  allowed: boolean
): 'yes' | 'not_allowed' | 'password_short' => {
  if (!allowed || person.staff_role === 'administrator') return 'not_allowed'
  return kind === 'email' && !person.password_alone ? 'password_short' : 'yes'
}
