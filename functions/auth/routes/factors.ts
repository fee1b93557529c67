/** One's own second factors at a glance, and the authenticator app taken away. */
import { createRoute } from '@hono/zod-openapi'
import { requireProof } from '../../_shared/auth/proof.ts'
import { requireCaller } from '../../_shared/auth/session.ts'
import { passkeysPossible } from '../../_shared/auth/webauthn.ts'
import { SecondFactors } from '../../_shared/contract/factor.ts'
import { run } from '../../_shared/db/database.ts'
import { type Api, json, problems } from '../../_shared/http.ts'
import { notFound } from '../../_shared/problem.ts'
import { database } from '../database.ts'
import { tellFactorsChanged } from '../factor-mail.ts'
import { sentCodesOf } from '../door-code.ts'
import { lockFactors, ownApp, ownPasskeys, removeApp } from '../passkeys.ts'
import { recoveryState } from '../recovery.ts'
import { requireNotTheLast } from '../second-factor.ts'
import { clientOf } from '../session.ts'

const list = createRoute({
  method: 'get',
  path: '/second-factors',
  summary: "One's own second factors",
  middleware: [requireCaller(database)] as const,
  responses: { 200: json(SecondFactors), ...problems }
})
const remove = createRoute({
  method: 'delete',
  path: '/second-factors/app',
  summary: 'Take the authenticator app away; not as the last factor while one is asked for',
  middleware: [requireCaller(database), requireProof] as const,
  responses: { 204: { description: 'Gone' }, ...problems }
})

export function factorRoutes(app: Api): void {
  app.openapi(list, async (c) => {
    const { id } = c.var.caller
    const [authenticator, passkeys, recovery_codes, sent] = await Promise.all([
      ownApp(database.pool, id),
      ownPasskeys(database.pool, id),
      recoveryState(database.pool, id),
      sentCodesOf(database.pool, id)
    ])
    return c.json(
      { app: authenticator, passkeys, ...sent, passkeys_possible: passkeysPossible, recovery_codes },
      200
    )
  })

  app.openapi(remove, async (c) => {
    const caller = c.var.caller
    await database.transaction([], async (session, acts) => {
      const factors = await lockFactors(session, caller.id)
      if (factors.app_set_up_at === null) throw notFound()
      requireNotTheLast(factors, 'app')
      await removeApp(session, caller.id)
      acts.push({
        action: 'second_factor.removed',
        actor_id: caller.id,
        subject_id: caller.id,
        facts: { kind: 'app' },
        detail: clientOf(c)
      })
      await tellFactorsChanged(session, caller.id)
      await run(session, 'select announce($1)', [`person:${caller.id}`])
    })
    return c.body(null, 204)
  })
}
