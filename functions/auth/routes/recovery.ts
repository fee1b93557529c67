/** Recovery codes: the way in without app and passkey. */
import { createRoute } from '@hono/zod-openapi'
import { requireProof } from '../../_shared/auth/proof.ts'
import { requireCaller } from '../../_shared/auth/session.ts'
import { MadeRecoveryCodes, Recovered, RecoveryCode } from '../../_shared/contract/factor.ts'
import { run } from '../../_shared/db/database.ts'
import { type Api, json, jsonBody, problems } from '../../_shared/http.ts'
import { database } from '../database.ts'
import { lockFactors } from '../passkeys.ts'
import { makeRecoveryCodes, useRecoveryCode } from '../recovery.ts'
import { forgetTries, refuseFactor, requireHalfIn, spendTries } from '../second-factor.ts'
import { clientOf, startSession } from '../session.ts'

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
  summary: 'Show a recovery code, once; the session is complete',
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
    const used = await database.transaction([], async (session, acts) => {
      const left = await useRecoveryCode(session, caller.id, c.req.valid('json').code)
      if (left === null) return null
      acts.push({
        action: 'second_factor.code_used',
        actor_id: caller.id,
        facts: { left },
        detail: clientOf(c)
      })
      const setCookie = await startSession(session, acts, c, caller.id, 2)
      await run(session, 'select announce($1)', [`person:${caller.id}`])
      return { left, setCookie }
    })
    if (!used) return refuseFactor(c, caller, 'code_failed')
    await forgetTries(caller)
    used.setCookie()
    return c.json({ next: 'done', left: used.left } as const, 200)
  })
}
