/** The way in without app and passkey: a recovery code, or the code that an administrator gave. */
import { createRoute } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { requireProof } from '../../_shared/auth/proof.ts'
import { requireCaller } from '../../_shared/auth/session.ts'
import { MadeRecoveryCodes, Recovered, RecoveryCode } from '../../_shared/contract/factor.ts'
import type { NextStep } from '../../_shared/contract/person.ts'
import { run } from '../../_shared/db/database.ts'
import { type Api, json, jsonBody, problems } from '../../_shared/http.ts'
import { database } from '../database.ts'
import { lockFactors } from '../passkeys.ts'
import { makeRecoveryCodes, useRecoveryCode } from '../recovery.ts'
import { forgetTries, refuseFactor, requireHalfIn, spendTries } from '../second-factor.ts'
import { clientOf, startSession, startWithPassword } from '../session.ts'
import { matchWayIn, useWayIn } from '../way-in.ts'

// Not idempotent: an answer that is kept to be given again would keep the codes.
const make = createRoute({
  method: 'post',
  path: '/recovery-codes',
  summary: 'Make ten recovery codes in the place of those before; they are in this answer only',
  middleware: [requireCaller(database), requireProof] as const,
  responses: { 201: json(MadeRecoveryCodes, 'Made'), ...problems }
})
const use = createRoute({
  method: 'post',
  path: '/second-factor/recovery',
  summary:
    'Show a recovery code, once, and be in; or the code that an administrator gave: all factors and sessions end, a new factor is due',
  request: jsonBody(RecoveryCode),
  responses: { 200: json(Recovered), ...problems }
})

export function recoveryRoutes(app: Api): void {
  app.openapi(make, async (c) => {
    const caller = c.var.caller
    const made = await database.transaction([], async (session, acts) => {
      await lockFactors(session, caller.id)
      const codes = await makeRecoveryCodes(session, caller.id)
      acts.push({ action: 'second_factor.codes_made', actor_id: caller.id, detail: clientOf(c) })
      await run(session, 'select announce($1)', [`person:${caller.id}`])
      return codes
    })
    return c.json(made, 201)
  })

  app.openapi(use, async (c) => {
    const caller = await requireHalfIn(c)
    await spendTries(c, caller)
    const { code } = c.req.valid('json')
    const entered =
      (await enterByRecoveryCode(c, caller.id, code)) ?? (await enterByWayIn(c, caller.id, code))
    if (!entered) return refuseFactor(c, caller, 'code_failed')
    await forgetTries(c, caller)
    entered.setCookie()
    return c.json({ next: entered.next, left: entered.left }, 200)
  })
}

type Entered = { next: NextStep; left: number | null; setCookie: () => void } | null

const enterByRecoveryCode = (c: Context, id: string, code: string): Promise<Entered> =>
  database.transaction([], async (session, acts) => {
    const left = await useRecoveryCode(session, id, code)
    if (left === null) return null
    acts.push({ action: 'second_factor.code_used', actor_id: id, facts: { left }, detail: clientOf(c) })
    const setCookie = await startSession(session, acts, c, id, 2)
    await run(session, 'select announce($1)', [`person:${id}`])
    return { next: 'done', left, setCookie }
  })

async function enterByWayIn(c: Context, id: string, code: string): Promise<Entered> {
  const way = await matchWayIn(database.pool, id, code)
  if (way === null) return null
  return database.transaction([], async (session, acts) => {
    if (!(await useWayIn(session, acts, id, way, clientOf(c)))) return null
    const begun = await startWithPassword(session, acts, c, id)
    await run(session, 'select announce($1)', [`person:${id}`])
    return { ...begun, left: null }
  })
}
