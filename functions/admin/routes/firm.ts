/** The firm's own settings. */
import { createRoute } from '@hono/zod-openapi'
import { requireProof } from '../../_shared/auth/proof.ts'
import { requireCaller, requireRole } from '../../_shared/auth/session.ts'
import { Firm, FirmChange } from '../../_shared/contract/person.ts'
import { blocks, row, run } from '../../_shared/db/database.ts'
import { type Api, json, jsonBody, problems } from '../../_shared/http.ts'
import { notFound } from '../../_shared/problem.ts'
import { requireTimeZone } from '../../_shared/time-zone.ts'
import { database } from '../database.ts'

const sql = blocks<'firm' | 'change'>(new URL('../firm.sql', import.meta.url))
const read = createRoute({
  method: 'get',
  path: '/firm',
  summary: "The firm's settings (administrators)",
  middleware: [requireCaller(database)] as const,
  responses: { 200: json(Firm), ...problems }
})
const change = createRoute({
  method: 'patch',
  path: '/firm',
  summary: "Change the firm's settings (administrators)",
  middleware: [requireCaller(database), requireProof] as const,
  request: jsonBody(FirmChange),
  responses: { 200: json(Firm), ...problems }
})

export function firmRoutes(app: Api): void {
  app.openapi(read, async (c) => {
    requireRole(c.var.caller, 'administrator')
    const firm = await row(database.pool, sql('firm'), [], Firm)
    if (!firm) throw notFound()
    return c.json(firm, 200)
  })

  app.openapi(change, async (c) => {
    const caller = c.var.caller
    requireRole(caller, 'administrator')
    const wish = c.req.valid('json')
    if (wish.time_zone !== undefined) requireTimeZone(wish.time_zone)
    const changed = await database.transaction([], async (session, acts) => {
      const {
        name,
        time_zone,
        locale,
        deliver_unscanned,
        link_days_max,
        imprint,
        privacy,
        walls,
        guest_days_max
      } = wish
      const texts = [imprint, privacy].map((text) => text && JSON.stringify(text))
      const values = [
        name,
        time_zone,
        locale,
        deliver_unscanned,
        link_days_max,
        ...texts,
        walls,
        guest_days_max
      ].map((value) => value ?? null)
      const firm = await row(session, sql('change'), values, Firm)
      if (!firm) throw notFound()
      acts.push({
        action: 'firm.changed',
        actor_id: caller.id,
        // Which settings, and the ones that decide what is delivered and seen; the firm's name is not the log's business.
        facts: {
          fields: Object.keys(wish).toSorted().join(' '),
          deliver_unscanned: wish.deliver_unscanned ?? null,
          walls: wish.walls ?? null
        }
      })
      await run(session, 'select announce($1)', [`person:${caller.id}`])
      return firm
    })
    return c.json(changed, 200)
  })
}
