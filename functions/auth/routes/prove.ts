/** Somebody who is in shows a factor again, before what is sensitive (_shared/auth/proof.ts). */
import { createRoute, type z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { passwordMatches } from '../../_shared/auth/password.ts'
import { unseal } from '../../_shared/auth/sealed.ts'
import { type Caller, requireCaller } from '../../_shared/auth/session.ts'
import { totpStep } from '../../_shared/auth/totp.ts'
import { askForKnown } from '../../_shared/auth/webauthn.ts'
import { PasskeyOptions } from '../../_shared/contract/factor.ts'
import { Proof } from '../../_shared/contract/person.ts'
import type { Session } from '../../_shared/db/database.ts'
import { type Api, json, jsonBody, problems } from '../../_shared/http.ts'
import { Problem } from '../../_shared/problem.ts'
import { database } from '../database.ts'
import { matchCode, useCode } from '../door-code.ts'
import { checkPasskey } from '../passkey-check.ts'
import { giveChallenge, knownPasskeys, usePasskey } from '../passkeys.ts'
import { passwordAccount } from '../password.ts'
import { findSecondFactor, useTotpStep } from '../person.ts'
import { forgetTries, spendTries } from '../second-factor.ts'
import { clientOf, proveSession } from '../session.ts'

const prove = createRoute({
  method: 'post',
  path: '/prove',
  summary: 'Show a factor again: a code of the app, a passkey, or the password where there is neither',
  middleware: [requireCaller(database)] as const,
  request: jsonBody(Proof),
  responses: { 204: { description: 'Proved, for 15 minutes, under a new cookie' }, ...problems }
})

const ask = createRoute({
  method: 'post',
  path: '/prove/options',
  summary:
    "What the browser is to ask one of the person's authenticators for it; good once, for five minutes",
  middleware: [requireCaller(database)] as const,
  responses: { 200: json(PasskeyOptions), ...problems }
})

export function proveRoutes(app: Api): void {
  app.openapi(ask, async (c) => {
    const { id, session_id } = c.var.caller
    const known = await knownPasskeys(database.pool, id)
    if (known.length === 0) throw new Problem('conflict', 'There is no passkey.')
    const options = await askForKnown(known, true)
    await giveChallenge(database.pool, options.challenge, 'prove', session_id)
    return c.json({ options: { ...options } }, 200)
  })

  app.openapi(prove, async (c) => {
    const caller = c.var.caller
    const proof = c.req.valid('json')
    await spendTries(c, caller)
    const use = await useOf(caller, proof)
    const setCookie =
      use &&
      (await database.transaction([], async (session, acts) =>
        (await use(session)) ? proveSession(session, acts, c, caller) : null
      ))
    if (!setCookie) return refuse(c, caller)
    await forgetTries(c, caller)
    setCookie()
    return c.body(null, 204)
  })
}

/** What uses a proof up, once; null when it proves nothing. */
type Use = ((session: Session) => Promise<boolean>) | null

async function useOf(caller: Caller, proof: z.infer<typeof Proof>): Promise<Use> {
  if ('code' in proof) return codeOf(caller, proof.code)
  if ('sent_code' in proof) return sentCodeOf(caller, proof.sent_code)
  if ('password' in proof) return passwordOf(caller, proof.password)
  const checked = await checkPasskey(proof.credential, 'prove', caller.session_id, caller.id)
  return checked && ((session) => usePasskey(session, checked.id, checked.counter))
}

async function codeOf(caller: Caller, code: string): Promise<Use> {
  const factor = await findSecondFactor(database.pool, caller.id)
  if (!factor?.totp_secret || !factor.confirmed) return null
  const step = await totpStep((await unseal(factor.totp_secret)).text, code, Math.floor(Date.now() / 1000))
  return step === null ? null : (session) => useTotpStep(session, caller.id, step)
}

async function sentCodeOf(caller: Caller, typed: string): Promise<Use> {
  const code = await matchCode(database.pool, caller.session_id, 'prove', typed)
  return code && ((session) => useCode(session, code.id))
}

/** Whoever has a second factor shows that: the password may be in the browser's memory. */
async function passwordOf(caller: Caller, password: string): Promise<Use> {
  if (caller.has_second_factor) return null
  const account = await passwordAccount(database.pool, caller.id)
  if (!account?.password_opens) return null
  return (await passwordMatches(account.password_hash, password)) ? async () => true : null
}

async function refuse(c: Context, caller: Caller): Promise<never> {
  await database.transaction([], async (_session, acts) => {
    acts.push({ action: 'second_factor.failed', actor_id: caller.id, detail: clientOf(c) })
  })
  throw new Problem('code_failed', 'This proves nothing: wrong, or used before.')
}
