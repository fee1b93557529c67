/** What the firm asks of whoever signs in, and whom a change would concern. */
import { z } from 'zod'
import { config } from '../_shared/config.ts'
import { SignInAffected, type SignInRules, SignInSettings } from '../_shared/contract/person.ts'
import type { Act } from '../_shared/db/audit.ts'
import { type Session, blocks, row, rows, run } from '../_shared/db/database.ts'

const sql = blocks<'read' | 'change' | 'affected'>(new URL('./sign-in.sql', import.meta.url))

type On = Parameters<typeof row>[0]

const Affected = SignInAffected.shape.people.element.extend({ total: z.int() })

export async function signInSettings(on: On): Promise<SignInSettings> {
  const rules = await row(on, sql('read'), [], SignInSettings.omit({ sms_possible: true }))
  if (!rules) throw new Error('there is no firm')
  return { ...rules, sms_possible: config.sms }
}

/** Who has no second factor that would satisfy these rules and would be asked for one. */
export async function affectedBy(on: On, rules: SignInRules): Promise<SignInAffected> {
  const values = [rules.second_factor_for, rules.email_codes, rules.sms_codes && config.sms]
  const found = await rows(on, sql('affected'), values, Affected)
  return {
    count: found[0]?.total ?? 0,
    people: found.map(({ id, name, staff_role }) => ({ id, name, staff_role }))
  }
}

export async function changeSignIn(
  session: Session,
  actor_id: string,
  rules: SignInRules,
  acts: Act[]
): Promise<void> {
  const { second_factor_for, second_factor_days, email_codes, sms_codes, way_in_four_eyes } = rules
  await run(session, sql('change'), [
    second_factor_for,
    second_factor_days,
    email_codes,
    sms_codes,
    way_in_four_eyes
  ])
  acts.push({ action: 'firm.sign_in_changed', actor_id, facts: { ...rules } })
}
