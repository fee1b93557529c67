/**
 * Codes by mail and by text message, where the firm allows them: asked for, shown at the second door, set up and taken
 * away. They are bound to the session that asked, so that a code for one sign-in opens no other (ASVS 5.0 6.6.2).
 */
import { createRoute, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { requireProof } from '../../_shared/auth/proof.ts'
import { type Caller, requireCaller } from '../../_shared/auth/session.ts'
import { config } from '../../_shared/config.ts'
import { AskCode, AskedCode, SentCode, SentOffers } from '../../_shared/contract/factor.ts'
import { SignedIn } from '../../_shared/contract/person.ts'
import { run } from '../../_shared/db/database.ts'
import { type Api, clientAddress, json, jsonBody, problems } from '../../_shared/http.ts'
import { type Try, addressKey, isLimited } from '../../_shared/limits.ts'
import { Problem, notFound } from '../../_shared/problem.ts'
import { mayHaveSentCodes } from '../../_shared/rules/factor.ts'
import { database, limits } from '../database.ts'
import * as codes from '../door-code.ts'
import { recordFailure } from '../failures.ts'
import { tellFactorsChanged } from '../factor-mail.ts'
import { factorKindsOf, lockFactors } from '../passkeys.ts'
import {
  alreadySetUp,
  forgetTries,
  ownBrowserKey,
  refuseFactor,
  requireHalfIn,
  requireNotTheLast,
  requireSettingUp,
  requireStillSettingUp,
  spendTries
} from '../second-factor.ts'
import { clientOf, startSession } from '../session.ts'

const ask = createRoute({
  method: 'post',
  path: '/codes',
  summary: 'Have a code sent by mail or text message; good once, for ten minutes, in this session',
  request: jsonBody(AskCode),
  responses: { 202: json(AskedCode, 'On its way'), ...problems }
})
const offers = createRoute({
  method: 'get',
  path: '/second-factor/offers',
  summary: 'Which codes somebody may choose as a second factor, who may set one up now',
  responses: { 200: json(SentOffers), ...problems }
})
const enter = createRoute({
  method: 'post',
  path: '/second-factor/code',
  summary: 'Show the code that was sent, after the password; the session is complete',
  request: jsonBody(SentCode),
  responses: { 200: json(SignedIn), ...problems }
})
const setUp = createRoute({
  method: 'post',
  path: '/second-factors/sent',
  summary: 'Show the code that was sent and so choose such codes as a second factor; the session is complete',
  request: jsonBody(SentCode),
  responses: { 200: json(SignedIn), ...problems }
})
const remove = createRoute({
  method: 'delete',
  path: '/second-factors/sent/{kind}',
  summary: 'Want no such codes any more; not as the last factor while one is asked for',
  middleware: [requireCaller(database), requireProof] as const,
  request: { params: z.object({ kind: z.enum(['email', 'sms']) }) },
  responses: { 204: { description: 'Gone' }, ...problems }
})

export function codeRoutes(app: Api): void {
  app.openapi(ask, async (c) => {
    const { kind, purpose, phone } = c.req.valid('json')
    const caller = purpose === 'set_up' ? await requireSettingUp(c) : await requireHalfIn(c, purpose)
    if (purpose === 'set_up') await requireAllowed(caller, kind)
    else if (!(await factorKindsOf(database.pool, caller.id)).includes(kind))
      throw new Problem('conflict', 'Such codes were not set up.')
    await limits.spend(await sendingsOf(c, caller, kind)).catch(async (error: unknown) => {
      if (isLimited(error)) await recordFailure(c, 'limited', caller.id)
      throw error
    })
    const given = await database.transaction([], async (session, acts) => {
      acts.push({
        action: 'second_factor.code_sent',
        actor_id: caller.id,
        facts: { kind, purpose },
        detail: clientOf(c)
      })
      return codes.giveCode(session, caller, kind, purpose, phone ?? null)
    })
    return c.json(given, 202)
  })

  app.openapi(offers, async (c) => {
    const caller = await requireSettingUp(c, false)
    return c.json((await codes.sentCodesOf(database.pool, caller.id)).offers, 200)
  })

  app.openapi(enter, async (c) => {
    const caller = await requireHalfIn(c)
    await spendTries(c, caller)
    const { session_id, id } = caller
    const code = await codes.matchCode(database.pool, session_id, 'enter', c.req.valid('json').code)
    const setCookie =
      code &&
      (await database.transaction([], async (session, acts) =>
        (await codes.useCode(session, code.id)) ? startSession(session, acts, c, id, 2) : null
      ))
    if (!setCookie) return refuseFactor(c, caller, 'code_failed')
    await forgetTries(c, caller)
    setCookie()
    return c.json({ next: 'done' } as const, 200)
  })

  app.openapi(setUp, async (c) => {
    const caller = await requireSettingUp(c)
    await spendTries(c, caller)
    const { session_id, id } = caller
    const code = await codes.matchCode(database.pool, session_id, 'set_up', c.req.valid('json').code)
    if (!code) return refuseFactor(c, caller, 'code_failed')
    await requireAllowed(caller, code.kind)
    const setCookie = await database.transaction([], async (session, acts) => {
      requireStillSettingUp(caller, await lockFactors(session, id))
      if (!(await codes.useCode(session, code.id))) return null
      if (!(await codes.setSentFactor(session, id, code))) throw alreadySetUp()
      const facts = { kind: code.kind }
      acts.push({ action: 'second_factor.set_up', actor_id: id, facts, detail: clientOf(c) })
      if (caller.owes === 'done') await tellFactorsChanged(session, id)
      const set = await startSession(session, acts, c, id, 2)
      await run(session, 'select announce($1)', [`person:${id}`])
      return set
    })
    if (!setCookie) return refuseFactor(c, caller, 'code_failed')
    await forgetTries(c, caller)
    setCookie()
    return c.json({ next: 'done' } as const, 200)
  })

  app.openapi(remove, async (c) => {
    const caller = c.var.caller
    const { kind } = c.req.valid('param')
    await database.transaction([], async (session, acts) => {
      const factors = await lockFactors(session, caller.id)
      if (!(await codes.removeSentFactor(session, caller.id, kind))) throw notFound()
      requireNotTheLast(factors, kind)
      acts.push({
        action: 'second_factor.removed',
        actor_id: caller.id,
        subject_id: caller.id,
        facts: { kind },
        detail: clientOf(c)
      })
      await tellFactorsChanged(session, caller.id)
      await run(session, 'select announce($1)', [`person:${caller.id}`])
    })
    return c.body(null, 204)
  })
}

/** Throws forbidden where the firm does not allow it to this person, or their password is too short for it. */
async function requireAllowed(caller: Caller, kind: codes.SentKind): Promise<void> {
  const state = await codes.sentCodeState(database.pool, caller.id)
  const possible = kind === 'email' ? state.email_codes : state.sms_codes && config.sms
  const verdict = mayHaveSentCodes(kind, state, possible)
  if (verdict === 'not_allowed') throw new Problem('forbidden', 'The firm does not allow such codes here.')
  if (verdict === 'password_short')
    throw new Problem('password_short', 'Codes by mail stand only beside a password of 15 characters.')
}

/** Messages cost money and patience. What a stranger asks for is not taken from an owner in a browser of their own. */
async function sendingsOf(c: Context, caller: Caller, kind: codes.SentKind): Promise<Try[]> {
  return [
    { limit: 'code_account', key: await ownBrowserKey(c, caller) },
    { limit: 'code_address', key: addressKey(clientAddress(c)) },
    { limit: kind === 'sms' ? 'code_all_sms' : 'code_all', key: '' }
  ]
}
