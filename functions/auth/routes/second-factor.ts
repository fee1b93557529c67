/** The second door: a code of the authenticator app, shown at each sign-in and once more when the app is set up. */
import { createRoute } from '@hono/zod-openapi'
import { seal, unseal } from '../../_shared/auth/sealed.ts'
import type { Caller } from '../../_shared/auth/session.ts'
import { newTotpSecret, qrPath, totpStep, totpUri } from '../../_shared/auth/totp.ts'
import { SecondFactor, SignedIn, TotpSetup } from '../../_shared/contract/person.ts'
import { run } from '../../_shared/db/database.ts'
import { type Api, json, jsonBody, problems } from '../../_shared/http.ts'
import { database } from '../database.ts'
import { tellFactorsChanged } from '../factor-mail.ts'
import { lockFactors } from '../passkeys.ts'
import { confirmSecondFactor, findSecondFactor, offerSecondFactor, useTotpStep } from '../person.ts'
import {
  alreadySetUp,
  forgetTries,
  refuseFactor,
  requireHalfIn,
  requireSettingUp,
  requireStillSettingUp,
  spendTries
} from '../second-factor.ts'
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
    await spendTries(c, caller)
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
    if (!setCookie) return refuseFactor(c, caller, 'code_failed')
    await forgetTries(c, caller)
    setCookie()
    return c.json({ next: 'done' } as const, 200)
  })

  app.openapi(setUp, async (c) => {
    const caller = await requireSettingUp(c)
    const secret = (await offered(caller))?.secret ?? newTotpSecret()
    const sealed = await seal(secret, { sid: caller.session_id })
    if (!(await offerSecondFactor(database.pool, caller.id, sealed))) throw alreadySetUp()
    const otpauth_uri = totpUri(secret, caller.firm_name, caller.email)
    return c.json({ secret, otpauth_uri, qr: qrPath(otpauth_uri) }, 200)
  })

  app.openapi(confirm, async (c) => {
    const caller = await requireSettingUp(c)
    await spendTries(c, caller)
    const offer = await offered(caller)
    const step = offer && (await totpStep(offer.secret, c.req.valid('json').code, seconds()))
    if (!offer || step === null) return refuseFactor(c, caller, 'code_failed')
    const setCookie = await database.transaction([], async (session, acts) => {
      requireStillSettingUp(caller, await lockFactors(session, caller.id))
      if (!(await confirmSecondFactor(session, caller.id, offer.sealed, step))) throw alreadySetUp()
      acts.push({
        action: 'second_factor.set_up',
        actor_id: caller.id,
        facts: { kind: 'app' },
        detail: clientOf(c)
      })
      if (caller.owes === 'done') await tellFactorsChanged(session, caller.id)
      const set = await startSession(session, acts, c, caller.id, 2)
      await run(session, 'select announce($1)', [`person:${caller.id}`])
      return set
    })
    await forgetTries(c, caller)
    setCookie()
    return c.json({ next: 'done' } as const, 200)
  })
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

const seconds = () => Math.floor(Date.now() / 1000)
