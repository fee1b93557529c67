/** Codes that are sent by mail or text message: given to one session, compared, used once. */
import { z } from 'zod'
import { seal, unseal } from '../_shared/auth/sealed.ts'
import { SENT_CODE_MINUTES, newShortCode, shortCodeMatches } from '../_shared/auth/short-code.ts'
import { config } from '../_shared/config.ts'
import { Id, Time } from '../_shared/contract/common.ts'
import type { SecondFactors } from '../_shared/contract/factor.ts'
import { StaffRole } from '../_shared/contract/person.ts'
import { type Session, blocks, row, run } from '../_shared/db/database.ts'
import { mayHaveSentCodes } from '../_shared/rules/factor.ts'

const sql = blocks<
  | 'give'
  | 'try'
  | 'use'
  | 'phone'
  | 'tell'
  | 'set_email'
  | 'set_phone'
  | 'remove_email'
  | 'remove_phone'
  | 'state'
>(new URL('./door-code.sql', import.meta.url))

type On = Parameters<typeof row>[0]
export type SentKind = 'email' | 'sms'
export type CodePurpose = 'enter' | 'set_up' | 'prove'

/** Wrong ones that a code survives. */
const MOST_TRIES = 5

const Found = z.object({ id: Id })
const Given = z.object({ id: Id, expires_at: Time })
const Tried = z.object({
  id: Id,
  kind: z.enum(['email', 'sms']),
  hash: z.string(),
  phone: z.string().nullable()
})
const State = z.object({
  staff_role: StaffRole.nullable(),
  password_alone: z.boolean(),
  email_code_since: Time.nullable(),
  phone_since: Time.nullable(),
  phone: z.string().nullable(),
  email_codes: z.boolean(),
  sms_codes: z.boolean(),
  asked: z.boolean()
})

/** What the firm and the person's own choice say about codes that are sent. */
export async function sentCodeState(on: On, personId: string) {
  const state = await row(on, sql('state'), [personId], State)
  if (!state) throw new Error('a signed-in person is not there')
  return state
}

/** Codes that are sent, as somebody sees them among their factors. */
export async function sentCodesOf(
  on: On,
  personId: string
): Promise<Pick<SecondFactors, 'email' | 'sms' | 'offers' | 'asked'>> {
  const state = await sentCodeState(on, personId)
  const email = mayHaveSentCodes('email', state, state.email_codes)
  const sms = mayHaveSentCodes('sms', state, state.sms_codes && config.sms)
  return {
    email:
      state.email_code_since === null ? null : { since: state.email_code_since, allowed: email === 'yes' },
    sms:
      state.phone_since && state.phone
        ? {
            since: state.phone_since,
            ends_in: (await unseal(state.phone)).text.slice(-2),
            allowed: sms === 'yes'
          }
        : null,
    offers: { email, sms: sms === 'yes' ? 'yes' : 'not_allowed' },
    asked: state.asked
  }
}

/**
 * A new code for the session, in the place of the one before it, and the job that sends it.
 *
 * @param phone a number that is to be set up, else null
 */
export async function giveCode(
  session: Session,
  caller: { id: string; session_id: string },
  kind: SentKind,
  purpose: CodePurpose,
  phone: string | null
): Promise<{ expires_at: string }> {
  const { code, hash } = await newShortCode('sent')
  const sealedPhone = phone === null ? null : await seal(phone)
  const values = [caller.session_id, kind, purpose, hash, sealedPhone, SENT_CODE_MINUTES]
  const given = await row(session, sql('give'), values, Given)
  if (!given) throw new Error('a code was not written')
  const job = { person_id: caller.id, code_id: given.id, sealed: await seal(code) }
  const to = kind === 'sms' ? (sealedPhone ?? (await phoneOf(session, caller.id))) : null
  const data = to === null ? { template: 'code', ...job } : { template: 'sms_code', ...job, to }
  await run(session, sql('tell'), [data, `code:${given.id}`])
  return { expires_at: given.expires_at }
}

async function phoneOf(on: On, personId: string): Promise<string> {
  const known = await row(on, sql('phone'), [personId], z.object({ phone: z.string() }))
  if (!known) throw new Error('a code goes to a number that is not there')
  return known.phone
}

export type MatchedCode = { id: string; kind: SentKind; phone: string | null }

/** The session's code if this is it; null: it is not, is over, or was guessed at too often. */
export async function matchCode(
  on: On,
  sessionId: string,
  purpose: CodePurpose,
  typed: string
): Promise<MatchedCode | null> {
  const kept = await row(on, sql('try'), [sessionId, purpose, MOST_TRIES], Tried)
  const matches = await shortCodeMatches(kept?.hash ?? null, typed)
  return kept && matches ? { id: kept.id, kind: kept.kind, phone: kept.phone } : null
}

/** Uses it up. False: somebody was faster. */
export const useCode = async (session: Session, id: string): Promise<boolean> =>
  (await row(session, sql('use'), [id], Found)) !== null

/** Makes what the code was sent to a second factor. False: it is one already. */
export const setSentFactor = async (
  session: Session,
  personId: string,
  code: MatchedCode
): Promise<boolean> =>
  (code.kind === 'sms'
    ? await row(session, sql('set_phone'), [personId, code.phone], Found)
    : await row(session, sql('set_email'), [personId], Found)) !== null

/** False: it is none. */
export const removeSentFactor = async (
  session: Session,
  personId: string,
  kind: SentKind
): Promise<boolean> =>
  (await row(session, sql(kind === 'sms' ? 'remove_phone' : 'remove_email'), [personId], Found)) !== null
