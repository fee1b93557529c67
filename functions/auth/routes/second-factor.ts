/** The second door: a code of the authenticator app, shown at each sign-in and once more when the app is set up. */
import { createRoute } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { seal, unseal } from '../../_shared/auth/sealed.ts'
import { type Caller, findCaller } from '../../_shared/auth/session.ts'
import { newTotpSecret, qrPath, totpStep, totpUri } from '../../_shared/auth/totp.ts'
import { SecondFactor, SignedIn, TotpSetup } from '../../_shared/contract/person.ts'
import { run } from '../../_shared/db/database.ts'
import { type Api, json, jsonBody, problems } from '../../_shared/http.ts'
import { type Try, isLimited } from '../../_shared/limits.ts'
import { Problem } from '../../_shared/problem.ts'
import { database, limits } from '../database.ts'
import { recordFailure } from '../failures.ts'
import { confirmSecondFactor, findSecondFactor, offerSecondFactor, useTotpStep } from '../person.ts'
import { clientOf, startSession } from '../session.ts'

const show = createRoute({
  method: 'post',
  path: '/second-factor',
  summary: 'Show a code; the session is complete',
  request: jsonBody(SecondFactor),
  responses: { 200: json(SignedIn), ...problems }
})
const setUp = createRoute({
  method: 'post',
  path: '/second-factor/set-up',
  summary: 'Get the secret for an authenticator app; the same one for as long as this session lasts',
  responses: { 200: json(TotpSetup), ...problems }
})
const confirm = createRoute({
  method: 'post',
  path: '/second-factor/confirm',
  summary: 'Show the first code of a newly set-up app; the session is complete',
  request: jsonBody(SecondFactor),
  responses: { 200: json(SignedIn), ...problems }
})

export function secondFactorRoutes(app: Api): void {
  app.openapi(show, async (c) => {
    const caller = await requireHalfIn(c)
    const tries = triesOf(caller)
    await spend(c, caller, tries)
    const factor = await findSecondFactor(database.pool, caller.id)
    const step =
      factor?.totp_secret && factor.confirmed
        ? await totpStep((await unseal(factor.totp_secret)).text, c.req.valid('json').code, seconds())
        : null
    const setCookie =
      step !== null &&
      (await database.transaction([], async (session, acts) =>
        (await useTotpStep(session, caller.id, step)) ? startSession(session, acts, c, caller.id, 2) : null
      ))
    if (!setCookie) return refuse(c, caller)
    await limits.forget(tries)
    setCookie()
    return c.json({ next: 'done' } as const, 200)
  })

  app.openapi(setUp, async (c) => {
    const caller = await requireHalfIn(c)
    if (caller.has_second_factor) throw alreadySetUp()
    const secret = (await offered(caller))?.secret ?? newTotpSecret()
    const sealed = await seal(secret, { sid: caller.session_id })
    if (!(await offerSecondFactor(database.pool, caller.id, sealed))) throw alreadySetUp()
    const otpauth_uri = totpUri(secret, caller.firm_name, caller.email)
    return c.json({ secret, otpauth_uri, qr: qrPath(otpauth_uri) }, 200)
  })

  app.openapi(confirm, async (c) => {
    const caller = await requireHalfIn(c)
    if (caller.has_second_factor) throw alreadySetUp()
    const tries = triesOf(caller)
    await spend(c, caller, tries)
    const offer = await offered(caller)
    const step = offer && (await totpStep(offer.secret, c.req.valid('json').code, seconds()))
    if (!offer || step === null) return refuse(c, caller)
    const setCookie = await database.transaction([], async (session, acts) => {
      if (!(await confirmSecondFactor(session, caller.id, offer.sealed, step))) throw alreadySetUp()
      acts.push({ action: 'second_factor.set_up', actor_id: caller.id, detail: clientOf(c) })
      const set = await startSession(session, acts, c, caller.id, 2)
      await run(session, 'select announce($1)', [`person:${caller.id}`])
      return set
    })
    await limits.forget(tries)
    setCookie()
    return c.json({ next: 'done' } as const, 200)
  })
}

/** Counts a try; one too many is written down as well: whoever guesses on leaves a trace. */
async function spend(c: Context, caller: Caller, tries: Try[]): Promise<void> {
  await limits.spend(tries).catch(async (error: unknown) => {
    if (isLimited(error)) await recordFailure(c, 'limited', caller.id)
    throw error
  })
}

/** Somebody who has shown the password and still owes the second factor. */
async function requireHalfIn(c: Context): Promise<Caller> {
  const caller = await findCaller(c, database)
  if (!caller) throw new Problem('not_signed_in', 'Please sign in.')
  if (caller.factors > 1) throw new Problem('conflict', 'Both factors have been shown.')
  return caller
}

/**
 * The secret that this very session was offered. Another session's does not count: whoever else knows the password
 * must not have seen the secret that is confirmed here.
 */
async function offered(caller: Caller): Promise<{ secret: string; sealed: string } | null> {
  const factor = await findSecondFactor(database.pool, caller.id)
  if (!factor?.totp_secret || factor.confirmed) return null
  const { text, about } = await unseal(factor.totp_secret)
  return about.sid === caller.session_id ? { secret: text, sealed: factor.totp_secret } : null
}

/** A wrong code and a used one are the same to whoever shows it. */
async function refuse(c: Context, caller: Caller): Promise<never> {
  await database.transaction([], async (_session, acts) => {
    acts.push({ action: 'second_factor.failed', actor_id: caller.id, detail: clientOf(c) })
  })
  throw new Problem('code_failed', 'This code is wrong or was used before.')
}

const triesOf = (caller: Caller): Try[] => [
  { limit: 'second_factor', key: caller.id },
  { limit: 'second_factor_hour', key: caller.id }
]

const alreadySetUp = () => new Problem('conflict', 'The second factor is set up already.')
const seconds = () => Math.floor(Date.now() / 1000)
