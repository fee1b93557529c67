/** The permission screen of a project, folder or document; and "only these people". */
import { createRoute, z } from '@hono/zod-openapi'
import { requireProof } from '../../_shared/auth/proof.ts'
import { requireCaller } from '../../_shared/auth/session.ts'
import {
  AccessTrial,
  Closed,
  Closing,
  Holders,
  NameQuery,
  ThingAccess
} from '../../_shared/contract/access.ts'
import { Id } from '../../_shared/contract/common.ts'
import { pageOfPeople, requireInProject } from '../../_shared/db/access.ts'
import { type Api, json, jsonBody, problems } from '../../_shared/http.ts'
import { announceChange, beginChange, closedAct, projectsOf } from '../changes.ts'
import { database } from '../database.ts'
import { closeThing, readThing } from '../things.ts'
import { guardManagers, tryClosing } from '../trials.ts'

const params = z.object({ id: Id })

const read = createRoute({
  method: 'get',
  path: '/things/{id}/access',
  summary: 'What besides grants has a say on a project, folder or document (manage)',
  middleware: [requireCaller(database)] as const,
  request: { params },
  responses: { 200: json(ThingAccess), ...problems }
})
const holders = createRoute({
  method: 'get',
  path: '/things/{id}/holders',
  summary: 'Who may do what, each with the grant that made it so; page by page (manage)',
  middleware: [requireCaller(database)] as const,
  request: { params, query: NameQuery },
  responses: { 200: json(Holders), ...problems }
})
const preview = createRoute({
  method: 'post',
  path: '/things/{id}/access/preview',
  summary: 'Who gains and who loses, were this closed or open again (manage)',
  middleware: [requireCaller(database)] as const,
  request: { params, ...jsonBody(Closing) },
  responses: { 200: json(AccessTrial), ...problems }
})
const change = createRoute({
  method: 'patch',
  path: '/things/{id}/access',
  summary: 'Close a thing, so that only its own grants count, or open it again (manage)',
  middleware: [requireCaller(database), requireProof] as const,
  request: { params, ...jsonBody(Closing) },
  responses: { 200: json(Closed), ...problems }
})

export function thingRoutes(app: Api): void {
  app.openapi(read, async (c) => {
    const { id } = c.req.valid('param')
    const thing = await requireInProject(database, c.var.caller, id, 'manage', 'any')
    const found = await database.transaction(projectsOf(thing), (session) =>
      readThing(session, c.var.caller.id, id)
    )
    return c.json(found, 200)
  })

  app.openapi(holders, async (c) => {
    const { id } = c.req.valid('param')
    const thing = await requireInProject(database, c.var.caller, id, 'manage', 'any')
    const found = await database.transaction(projectsOf(thing), (session) =>
      pageOfPeople(session, c.var.caller.id, id, c.req.valid('query'))
    )
    return c.json(found, 200)
  })

  app.openapi(preview, async (c) => {
    const { id } = c.req.valid('param')
    const thing = await requireInProject(database, c.var.caller, id, 'manage', 'any')
    const place = { id, isDocument: thing.kind === 'document' }
    const found = await database.transaction(projectsOf(thing), (session) =>
      tryClosing(session, c.var.caller.id, place, c.req.valid('json').inherits)
    )
    return c.json(found, 200)
  })

  app.openapi(change, async (c) => {
    const caller = c.var.caller
    const { id } = c.req.valid('param')
    const { inherits, confirm } = c.req.valid('json')
    const thing = await requireInProject(database, caller, id, 'manage', 'any')
    const place = { id, isDocument: thing.kind === 'document' }
    const found = await database.transaction(projectsOf(thing), async (session, acts) => {
      await beginChange(session, caller.id, thing, id)
      if (!confirm) guardManagers(await tryClosing(session, caller.id, place, inherits))
      const done = await closeThing(session, caller.id, place, inherits)
      if (done) {
        acts.push(closedAct(caller.id, thing, id, inherits, done.grant_id))
        await announceChange(session, thing, null)
      }
      return { ...(await readThing(session, caller.id, id)), grant_id: done?.grant_id ?? null }
    })
    return c.json(found, 200)
  })
}
