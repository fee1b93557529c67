/** Another password, by whoever knows the present one. */
import { createRoute } from '@hono/zod-openapi'
import { passwordMatches, requireStrongPassword } from '../../_shared/auth/password.ts'
import { requireProof } from '../../_shared/auth/proof.ts'
import { requireCaller } from '../../_shared/auth/session.ts'
import { ChangePassword } from '../../_shared/contract/person.ts'
import { run } from '../../_shared/db/database.ts'
import { type Api, jsonBody, problems } from '../../_shared/http.ts'
import { Problem, notFound } from '../../_shared/problem.ts'
import { database, limits } from '../database.ts'
import { deviceOf } from '../device.ts'
import { recordFailure } from '../failures.ts'
import { mailPasswordChanged } from '../mail.ts'
import { endOtherSessions, keptPassword, passwordAccount, setPassword } from '../password.ts'
import { clientOf } from '../session.ts'

const change = createRoute({
  method: 'post',
  path: '/password',
  summary: "Change one's password; all other sessions end, and a mail tells of it",
  middleware: [requireCaller(database), requireProof] as const,
  request: jsonBody(ChangePassword),
  responses: { 204: { description: 'Changed' }, ...problems }
})

export function passwordRoutes(app: Api): void {
  app.openapi(change, async (c) => {
    const caller = c.var.caller
    const { current, password } = c.req.valid('json')
    const tries = [{ limit: 'prove', key: caller.id }] as const
    await limits.spend([...tries])
    const account = await passwordAccount(database.pool, caller.id)
    if (!account) throw notFound()
    if (!(await passwordMatches(account.password_hash, current))) {
      await recordFailure(c, 'password', caller.id)
      throw wrongPassword()
    }
    const own = [account.name, account.email, account.firm]
    await requireStrongPassword(password, own, account)
    const kept = await keptPassword(password)

    await database.transaction([], async (session, acts) => {
      if (!(await setPassword(session, caller.id, kept, account.password_hash)))
        throw new Problem('conflict', 'The password was changed meanwhile.')
      const but = { session_id: caller.session_id, device: deviceOf(c) }
      const ended = await endOtherSessions(session, acts, caller.id, but)
      acts.push({
        action: 'password.changed',
        actor_id: caller.id,
        subject_id: caller.id,
        facts: { ended },
        detail: clientOf(c)
      })
      await mailPasswordChanged(session, caller.id)
      await run(session, 'select announce($1)', [`person:${caller.id}`])
    })
    await limits.forget([...tries])
    return c.body(null, 204)
  })
}

const wrongPassword = () =>
  new Problem('invalid_request', 'The present password is wrong.', {
    errors: [{ field: 'current', code: 'wrong', detail: 'The present password is wrong.' }]
  })
