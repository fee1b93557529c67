/** What the night's comparison of store and database has repaired and found (administrators). */
import { createRoute } from '@hono/zod-openapi'
import { requireCaller, requireRole } from '../../_shared/auth/session.ts'
import { Reconciliation, Reconciliations } from '../../_shared/contract/reconciliation.ts'
import { rows } from '../../_shared/db/database.ts'
import { type Api, json, problems } from '../../_shared/http.ts'
import { database } from '../database.ts'

const shown = createRoute({
  method: 'get',
  path: '/reconciliation',
  summary: 'The night’s comparison of store and database: repaired, dangling, nobody’s (administrators)',
  middleware: [requireCaller(database)] as const,
  responses: { 200: json(Reconciliations), ...problems }
})

export function reconciliationRoutes(app: Api): void {
  app.openapi(shown, async (c) => {
    const { caller } = c.var
    requireRole(caller, 'administrator')
    const found = await rows(database.pool, 'select * from reconciliations($1)', [caller.id], Reconciliation)
    return c.json(
      {
        running: found.find((one) => one.ended_at === null) ?? null,
        last: found.find((one) => one.ended_at !== null) ?? null
      },
      200
    )
  })
}
