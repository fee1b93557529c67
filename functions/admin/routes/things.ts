/** The permission screen of a project, folder or document; and "only these people". */
import { createRoute, z } from '@hono/zod-openapi'
import { requireProof } from '../../_shared/auth/proof.ts'
import { requireCaller } from '../../_shared/auth/session.ts'
import {
  AccessTrial,
  Closed,
  Closing,
  Holders,
  ManagedThing,
  NameQuery,
  ThingAccess
} from '../../_shared/contract/access.ts'
import { Id } from '../../_shared/contract/common.ts'
import {
  type Managed,
  decideManaged,
  pageOfPeople,
  refuseEvenly,
  requireManaged
} from '../../_shared/db/access.ts'
import { type Api, json, jsonBody, problems } from '../../_shared/http.ts'
import { notFound } from '../../_shared/problem.ts'
import { announceChange, beginChange, closedAct, projectsOf } from '../changes.ts'
import { database } from '../database.ts'
import { closeThing, readPlace, readThing } from '../things.ts'
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
const managed = createRoute({
  method: 'get',
  path: '/things/{id}/managed',
  summary:
    'A project, folder or document, if one manages it or would without its locks; not found for everybody else',
  middleware: [requireCaller(database)] as const,
  request: { params },
  responses: { 200: json(ManagedThing), ...problems }
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
    const thing = await requireThing(c.var.caller, id)
    const found = await database.transaction(projectsOf(thing), (session) =>
      readThing(session, c.var.caller.id, id)
    )
    return c.json(found, 200)
  })

  // A question and no attempt: whoever may not is not written down, as the screen asks it for every reader.
  app.openapi(managed, async (c) => {
    const { id } = c.req.valid('param')
    const asked_at = performance.now()
    const thing = await decideManaged(database.pool, c.var.caller, id)
    if (!thing?.project_id) return refuseEvenly(asked_at)
    const found = await database.transaction(projectsOf(thing), (session) => readPlace(session, id))
    return c.json(found, 200)
  })

  app.openapi(holders, async (c) => {
    const { id } = c.req.valid('param')
    const thing = await requireThing(c.var.caller, id)
    const found = await database.transaction(projectsOf(thing), (session) =>
      pageOfPeople(session, c.var.caller.id, id, c.req.valid('query'))
    )
    return c.json(found, 200)
  })

  app.openapi(preview, async (c) => {
    const { id } = c.req.valid('param')
    const thing = await requireThing(c.var.caller, id)
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
    const thing = await requireThing(caller, id)
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

/** The firm itself is none of these. */
async function requireThing(caller: { id: string }, id: string): Promise<Managed> {
  const thing = await requireManaged(database, caller, id)
  if (thing.project_id === null) throw notFound()
  return thing
}
