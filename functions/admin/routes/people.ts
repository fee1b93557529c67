/** Everybody whom one may know of. */
import { createRoute } from '@hono/zod-openapi'
import { requireCaller, requireRole } from '../../_shared/auth/session.ts'
import { pageOf } from '../../_shared/contract/common.ts'
import { PeopleQuery, Person } from '../../_shared/contract/person.ts'
import { type Api, json, problems } from '../../_shared/http.ts'
import { database } from '../database.ts'
import { listPeople } from '../people.ts'

const list = createRoute({
  method: 'get',
  path: '/people',
  summary: 'The people that one may know of, by name',
  middleware: [requireCaller(database)] as const,
  request: { query: PeopleQuery },
  responses: { 200: json(pageOf(Person)), ...problems }
})

export function peopleRoutes(app: Api): void {
  app.openapi(list, async (c) => {
    const caller = c.var.caller
    requireRole(caller, 'administrator', 'staff', 'assistant', 'auditor')
    return c.json(await listPeople(database.pool, caller.id, c.req.valid('query')), 200)
  })
}
