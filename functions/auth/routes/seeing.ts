/** To see as a client: read-only, for half an hour, and written down. */
import { createRoute } from '@hono/zod-openapi'
import { findCaller, requireCaller, requireRole } from '../../_shared/auth/session.ts'
import { SeeAs, Seen } from '../../_shared/contract/person.ts'
import { run } from '../../_shared/db/database.ts'
import { type Api, json, jsonBody, problems } from '../../_shared/http.ts'
import { Problem } from '../../_shared/problem.ts'
import { database } from '../database.ts'
import { beginSeeing, endSeeing } from '../seeing.ts'

const begin = createRoute({
  method: 'post',
  path: '/seeing',
  summary: 'See as a client: from now on this session sees what both may see, and changes nothing',
  middleware: [requireCaller(database)] as const,
  request: jsonBody(SeeAs),
  responses: { 201: json(Seen), ...problems }
})
const end = createRoute({
  method: 'delete',
  path: '/seeing',
  summary: 'See with one’s own eyes again',
  responses: { 204: { description: 'Ended, or nothing to end' }, ...problems }
})

export function seeingRoutes(app: Api): void {
  app.openapi(begin, async (c) => {
    const caller = c.var.caller
    requireRole(caller, 'administrator', 'staff')
    const { person_id } = c.req.valid('json')
    const seen = await database.transaction([], async (session, acts) => {
      const begun = await beginSeeing(session, acts, caller, person_id)
      await run(session, 'select announce($1)', [`person:${caller.id}`])
      return begun
    })
    return c.json(seen, 201)
  })

  // Not by requireCaller: to end it is the one thing that may be done meanwhile.
  app.openapi(end, async (c) => {
    const caller = await findCaller(c, database)
    if (!caller) throw new Problem('not_signed_in', 'Please sign in.')
    await database.transaction([], async (session, acts) => {
      await endSeeing(session, acts, caller)
      await run(session, 'select announce($1)', [`person:${caller.id}`])
    })
    return c.body(null, 204)
  })
}
