/** The firm's clients. */
import { createRoute } from '@hono/zod-openapi'
import { requireCaller, requireRole } from '../../_shared/auth/session.ts'
import { NamedPageQuery, pageOf } from '../../_shared/contract/common.ts'
import { NewOrganisation, Organisation } from '../../_shared/contract/person.ts'
import { run } from '../../_shared/db/database.ts'
import { idempotent, remember } from '../../_shared/idempotency.ts'
import { type Api, json, jsonBody, problems } from '../../_shared/http.ts'
import { database } from '../database.ts'
import { createOrganisation, listOrganisations } from '../people.ts'

const list = createRoute({
  method: 'get',
  path: '/organisations',
  summary: 'The clients that one may know of, by name',
  middleware: [requireCaller(database)] as const,
  request: { query: NamedPageQuery },
  responses: { 200: json(pageOf(Organisation)), ...problems }
})
const create = createRoute({
  method: 'post',
  path: '/organisations',
  summary: 'Take on a client (administrators, staff)',
  middleware: [requireCaller(database), idempotent(database)] as const,
  request: jsonBody(NewOrganisation),
  responses: { 201: json(Organisation), ...problems }
})

export function organisationRoutes(app: Api): void {
  app.openapi(list, async (c) => {
    const caller = c.var.caller
    requireRole(caller, 'administrator', 'staff', 'assistant', 'auditor')
    return c.json(await listOrganisations(database.pool, caller.id, c.req.valid('query')), 200)
  })

  app.openapi(create, async (c) => {
    const caller = c.var.caller
    requireRole(caller, 'administrator', 'staff')
    const { name } = c.req.valid('json')
    const made = await database.transaction([], async (session, acts) => {
      const organisation = await createOrganisation(session, name, caller.id)
      acts.push({ action: 'organisation.created', actor_id: caller.id, subject_id: organisation.id })
      await run(session, 'select announce($1)', [`person:${caller.id}`])
      await remember(c, session, 201, organisation)
      return organisation
    })
    return c.json(made, 201)
  })
}
