/** One's own API keys. Programs cannot make any: these routes want a person. */
import { createRoute, z } from '@hono/zod-openapi'
import { requireProof } from '../../_shared/auth/proof.ts'
import { requireCaller } from '../../_shared/auth/session.ts'
import { ApiKey, MadeApiKey, NewApiKey } from '../../_shared/contract/api-key.ts'
import { Id } from '../../_shared/contract/common.ts'
import { run } from '../../_shared/db/database.ts'
import { type Api, json, jsonBody, problems } from '../../_shared/http.ts'
import { notFound } from '../../_shared/problem.ts'
import { database } from '../database.ts'
import { addKey, ownKeys, revokeKey } from '../keys.ts'

const list = createRoute({
  method: 'get',
  path: '/keys',
  summary: "One's own living API keys",
  middleware: [requireCaller(database)] as const,
  responses: { 200: json(z.object({ items: z.array(ApiKey) })), ...problems }
})
// Not idempotent: an answer that is kept to be given again would keep the token.
const create = createRoute({
  method: 'post',
  path: '/keys',
  summary: 'Make an API key; its token is in this answer only',
  middleware: [requireCaller(database), requireProof] as const,
  request: jsonBody(NewApiKey),
  responses: { 201: json(MadeApiKey, 'Made'), ...problems }
})
const revoke = createRoute({
  method: 'delete',
  path: '/keys/{id}',
  summary: "Revoke an API key: one's own, or anybody's (administrators)",
  middleware: [requireCaller(database)] as const,
  request: { params: z.object({ id: Id }) },
  responses: { 204: { description: 'Revoked' }, ...problems }
})

export function keyRoutes(app: Api): void {
  app.openapi(list, async (c) => c.json({ items: await ownKeys(database.pool, c.var.caller.id) }, 200))

  app.openapi(create, async (c) => {
    const caller = c.var.caller
    const wish = c.req.valid('json')
    const made = await database.transaction([], async (session, acts) => {
      const done = await addKey(session, caller.id, wish)
      acts.push({
        action: 'key.created',
        actor_id: caller.id,
        subject_id: done.key.id,
        facts: { scopes: wish.scopes.join(' '), project_id: wish.project_id, days: wish.days }
      })
      await run(session, 'select announce($1)', [`person:${caller.id}`])
      return done
    })
    return c.json(made, 201)
  })

  app.openapi(revoke, async (c) => {
    const caller = c.var.caller
    const { id } = c.req.valid('param')
    await database.transaction([], async (session, acts) => {
      const owner = await revokeKey(session, id, caller.id, caller.staff_role === 'administrator')
      if (!owner) throw notFound()
      acts.push({ action: 'key.revoked', actor_id: caller.id, subject_id: id, facts: { person_id: owner } })
      await run(session, 'select announce($1)', [`person:${owner}`])
    })
    return c.body(null, 204)
  })
}
