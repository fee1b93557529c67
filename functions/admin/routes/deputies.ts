/** Deputies for absence: staff for themselves, administrators for everybody of the firm. */
import { createRoute, z } from '@hono/zod-openapi'
import { requireProof } from '../../_shared/auth/proof.ts'
import { requireCaller, requireRole } from '../../_shared/auth/session.ts'
import { Id } from '../../_shared/contract/common.ts'
import { Deputies, NewDeputy, ToldDeputies } from '../../_shared/contract/deputy.ts'
import { type Api, json, jsonBody, problems } from '../../_shared/http.ts'
import { Problem } from '../../_shared/problem.ts'
import { database } from '../database.ts'
import { deputiesOf, endDeputy, markDeputiesRead, nameDeputy, toldDeputies } from '../deputies.ts'

const list = createRoute({
  method: 'get',
  path: '/deputies',
  summary: "One's deputies, and whom one stands in for; somebody else's for administrators",
  middleware: [requireCaller(database)] as const,
  request: { query: z.object({ person_id: Id.optional() }) },
  responses: { 200: json(Deputies), ...problems }
})
const name = createRoute({
  method: 'post',
  path: '/deputies',
  summary: 'Name a deputy for a window, for oneself or, as an administrator, for somebody of the firm',
  middleware: [requireCaller(database), requireProof] as const,
  request: jsonBody(NewDeputy),
  responses: { 201: json(Deputies), ...problems }
})
const end = createRoute({
  method: 'post',
  path: '/deputies/{id}/end',
  summary: 'End it before its time: who is away, the deputy, or an administrator',
  middleware: [requireCaller(database)] as const,
  request: { params: z.object({ id: Id }) },
  responses: { 204: { description: 'Ended' }, ...problems }
})
const told = createRoute({
  method: 'get',
  path: '/deputies/told',
  summary: 'Deputies whom somebody else named, told to the reader and not read yet',
  middleware: [requireCaller(database)] as const,
  responses: { 200: json(ToldDeputies), ...problems }
})
const read = createRoute({
  method: 'post',
  path: '/deputies/told/read',
  summary: 'Say that one has been told',
  middleware: [requireCaller(database)] as const,
  request: jsonBody(z.object({ ids: z.array(Id).max(100).optional() })),
  responses: { 204: { description: 'Read' }, ...problems }
})

export function deputyRoutes(app: Api): void {
  app.openapi(list, async (c) => {
    const caller = c.var.caller
    requireRole(caller, 'administrator', 'staff', 'assistant')
    const person_id = c.req.valid('query').person_id ?? caller.id
    if (person_id !== caller.id && caller.staff_role !== 'administrator')
      throw new Problem('forbidden', "Somebody else's deputies are for administrators.")
    return c.json(await database.transaction([], (session) => deputiesOf(session, caller, person_id)), 200)
  })

  app.openapi(name, async (c) => {
    const caller = c.var.caller
    requireRole(caller, 'administrator', 'staff', 'assistant')
    const wish = c.req.valid('json')
    const named = await database.transaction([], (session, acts) => nameDeputy(session, caller, wish, acts))
    return c.json(named, 201)
  })

  app.openapi(told, async (c) => {
    const caller = c.var.caller
    requireRole(caller, 'administrator', 'staff', 'assistant')
    const items = await database.transaction([], (session) => toldDeputies(session, caller.id))
    return c.json({ items }, 200)
  })

  app.openapi(read, async (c) => {
    const caller = c.var.caller
    requireRole(caller, 'administrator', 'staff', 'assistant')
    const { ids } = c.req.valid('json')
    await database.transaction([], (session) => markDeputiesRead(session, caller.id, ids ?? null))
    return c.body(null, 204)
  })

  app.openapi(end, async (c) => {
    const caller = c.var.caller
    requireRole(caller, 'administrator', 'staff', 'assistant')
    const { id } = c.req.valid('param')
    await database.transaction([], (session, acts) => endDeputy(session, caller, id, acts))
    return c.body(null, 204)
  })
}
