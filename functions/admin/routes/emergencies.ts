/** Break-glass (administrators): four hours on a project or document, with a reason; the other administrators are told. */
import { createRoute, z } from '@hono/zod-openapi'
import { requireProof } from '../../_shared/auth/proof.ts'
import { type Caller, requireCaller, requireRole } from '../../_shared/auth/session.ts'
import { Id } from '../../_shared/contract/common.ts'
import { Emergencies, NewEmergency } from '../../_shared/contract/emergency.ts'
import { refuseEvenly } from '../../_shared/db/access.ts'
import { run } from '../../_shared/db/database.ts'
import { type Api, json, jsonBody, problems } from '../../_shared/http.ts'
import { Problem } from '../../_shared/problem.ts'
import { database, limits } from '../database.ts'
import {
  breakGlass,
  emergencyProjects,
  endEmergency,
  findTarget,
  listEmergencies,
  markEmergenciesRead,
  requireOpen
} from '../emergencies.ts'

const list = createRoute({
  method: 'get',
  path: '/emergencies',
  summary: 'Who broke glass, for what and why, newest first (administrators)',
  middleware: [requireCaller(database)] as const,
  responses: { 200: json(Emergencies), ...problems }
})
const open = createRoute({
  method: 'post',
  path: '/emergencies',
  summary:
    'Open a project or document for four hours, with a reason; the other administrators are told (administrators)',
  middleware: [requireCaller(database), requireProof] as const,
  request: jsonBody(NewEmergency),
  responses: { 201: json(Emergencies), ...problems }
})
const end = createRoute({
  method: 'post',
  path: '/emergencies/{id}/end',
  summary: "End it before its time, one's own or another's (administrators)",
  middleware: [requireCaller(database)] as const,
  request: { params: z.object({ id: Id }) },
  responses: { 200: json(Emergencies), ...problems }
})
const read = createRoute({
  method: 'post',
  path: '/emergencies/read',
  summary: 'Say that one has been told (administrators)',
  middleware: [requireCaller(database)] as const,
  request: jsonBody(z.object({ ids: z.array(Id).max(100).optional() })),
  responses: { 200: json(Emergencies), ...problems }
})

export function emergencyRoutes(app: Api): void {
  app.openapi(list, async (c) => {
    requireRole(c.var.caller, 'administrator')
    return c.json(await listed(c.var.caller), 200)
  })

  app.openapi(open, async (c) => {
    const caller = c.var.caller
    requireRole(caller, 'administrator')
    await limits.spend([{ limit: 'emergency', key: caller.id }])
    const wish = c.req.valid('json')
    const asked_at = performance.now()
    const target = await findTarget(database.pool, caller.id, wish).catch((error: unknown) => {
      if (error instanceof Problem && error.code === 'not_found') return refuseEvenly(asked_at)
      throw error
    })
    await database.transaction([target.project_id], (session, acts) =>
      breakGlass(session, caller.id, target, wish, acts)
    )
    return c.json(await listed(caller), 201)
  })

  app.openapi(end, async (c) => {
    const caller = c.var.caller
    requireRole(caller, 'administrator')
    const held = await requireOpen(database.pool, caller.id, c.req.valid('param').id)
    await database.transaction([held.project_id], (session, acts) =>
      endEmergency(session, caller.id, held, acts)
    )
    return c.json(await listed(caller), 200)
  })

  app.openapi(read, async (c) => {
    const caller = c.var.caller
    requireRole(caller, 'administrator')
    await database.transaction([], async (session) => {
      await markEmergenciesRead(session, caller.id, c.req.valid('json').ids ?? null)
      await run(session, 'select announce($1)', [`person:${caller.id}`])
    })
    return c.json(await listed(caller), 200)
  })
}

async function listed(caller: Caller) {
  const projects = await emergencyProjects(database.pool, caller.id)
  return database.transaction(projects, (session) => listEmergencies(session, caller.id))
}
