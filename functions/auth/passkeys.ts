/** Passkeys' rows, and the challenges that they answer. */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { CHALLENGE_MINUTES, type MadePasskey, type TakeChallenge } from '../_shared/auth/webauthn.ts'
import { Id, Time } from '../_shared/contract/common.ts'
import { FactorKind, type MadeCredential, Passkey, Transports } from '../_shared/contract/factor.ts'
import { type Database, type Session, blocks, row, rows, run } from '../_shared/db/database.ts'

const sql = blocks<
  | 'own'
  | 'known'
  | 'lock'
  | 'factors'
  | 'add'
  | 'rename'
  | 'remove'
  | 'remove_app'
  | 'by_credential'
  | 'use'
  | 'give_challenge'
  | 'take_challenge'
  | 'app'
  | 'kinds'
>(new URL('./passkeys.sql', import.meta.url))

type On = Parameters<typeof row>[0]

/** Passkeys that one person may have. */
export const MOST_PASSKEYS = 20

const Found = z.object({ id: Id })
const Known = z.object({ credential_id: z.string(), transports: Transports })
const Factors = z.object({
  app_set_up_at: Time.nullable(),
  passkeys: z.int(),
  email: z.boolean(),
  sms: z.boolean(),
  /** Whether the firm asks one of this person. */
  asked: z.boolean()
})
export type Factors = z.infer<typeof Factors>
const PasskeyRow = z.object({
  id: Id,
  person_id: Id,
  credential_id: z.string(),
  public_key: z.instanceof(Buffer),
  counter: z.int(),
  /** False: the firm's staff sign in by the provider only, and show a passkey after that. */
  opens_alone: z.boolean()
})

export const ownPasskeys = (on: On, personId: string) => rows(on, sql('own'), [personId], Passkey)

/** How authenticators are told which of their passkeys are meant. */
export const knownPasskeys = (on: On, personId: string) => rows(on, sql('known'), [personId], Known)

/** When the authenticator app was set up; null: there is none. */
export const ownApp = (on: On, personId: string) =>
  row(on, sql('app'), [personId], z.object({ set_up_at: Time }))

/** Which kinds of second factor somebody has. */
export const factorKindsOf = async (on: On, personId: string): Promise<FactorKind[]> =>
  (await rows(on, sql('kinds'), [personId], z.object({ kind: FactorKind }))).map(({ kind }) => kind)

/** The person's second factors, locked until the transaction ends. */
export async function lockFactors(session: Session, personId: string) {
  await run(session, sql('lock'), [personId])
  const factors = await row(session, sql('factors'), [personId], Factors)
  if (!factors) throw new Error('a signed-in person is not there')
  return factors
}

/** Null: this very passkey is known already. */
export const addPasskey = (
  session: Session,
  personId: string,
  name: string,
  made: MadePasskey,
  credential: MadeCredential
) =>
  row(
    session,
    sql('add'),
    [personId, made.credential_id, made.public_key, made.counter, credential.response.transports, name],
    Passkey
  )

export const renamePasskey = (session: Session, id: string, personId: string, name: string) =>
  row(session, sql('rename'), [id, personId, name], Passkey)

export const removePasskey = async (session: Session, id: string, personId: string): Promise<boolean> =>
  (await row(session, sql('remove'), [id, personId], Found)) !== null

/** False: there is no authenticator app. */
export const removeApp = async (session: Session, personId: string): Promise<boolean> =>
  (await row(session, sql('remove_app'), [personId], Found)) !== null

/** The passkey of an active person; null when there is none. */
export const findPasskey = (on: On, credentialId: string) =>
  row(on, sql('by_credential'), [credentialId], PasskeyRow)

/** Keeps the authenticator's count. False: somebody was faster with it. */
export const usePasskey = async (session: Session, id: string, counter: number): Promise<boolean> =>
  (await row(session, sql('use'), [id, counter], Found)) !== null

export type Purpose = 'add' | 'second_factor' | 'sign_in' | 'prove'

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/** @param holder what only the browser that asked can show again: its session's id, or its cookie's token */
export const giveChallenge = (on: On, challenge: string, purpose: Purpose, holder: string) =>
  run(on, sql('give_challenge'), [digest(challenge), purpose, digest(holder), CHALLENGE_MINUTES])

/** Not within the transaction of what it opens: a wrong answer uses the challenge up as well. */
export const challengeTaker =
  (database: Database, purpose: Purpose, holder: string): TakeChallenge =>
  async (challenge) =>
    (await row(
      database.pool,
      sql('take_challenge'),
      [digest(challenge), purpose, digest(holder)],
      z.object({})
    )) !== null
