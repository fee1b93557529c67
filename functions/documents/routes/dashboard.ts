/** What waits for a member of staff. */
import { createRoute, z } from '@hono/zod-openapi'
import { DashboardItem } from '../../_shared/contract/dashboard.ts'
import { blocks, rows } from '../../_shared/db/database.ts'
import { type Api, json, problems } from '../../_shared/http.ts'
import { Problem } from '../../_shared/problem.ts'
import { database } from '../database.ts'

const sql = blocks<'dashboard'>(new URL('../dashboard.sql', import.meta.url))

const read = createRoute({
  method: 'get',
  path: '/dashboard',
  summary:
    'What arrived and was not opened, what waits for clients, what waits for the firm (staff); 50 of each kind',
  responses: { 200: json(z.array(DashboardItem)), ...problems }
})

export function dashboardRoutes(app: Api): void {
  app.openapi(read, async (c) => {
    const caller = c.get('caller')
    if (!caller.staff_role) throw new Problem('forbidden', 'This is for the firm’s people.')
    return c.json(await rows(database.pool, sql('dashboard'), [caller.id], DashboardItem), 200)
  })
}
