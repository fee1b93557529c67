/** Outgoing webhooks (administrators). Programs cannot make any: these routes want a person. */
import { createRoute, z } from '@hono/zod-openapi'
import { requireProof } from '../../_shared/auth/proof.ts'
import { requireCaller, requireRole } from '../../_shared/auth/session.ts'
import { Id, PageQuery, pageOf } from '../../_shared/contract/common.ts'
import {
  MadeWebhook,
  NewWebhook,
  Webhook,
  WebhookChange,
  WebhookDelivery,
  WebhookReplay,
  WebhookReplayed
} from '../../_shared/contract/webhook.ts'
import { pageFrom, readCursor } from '../../_shared/cursor.ts'
import { run } from '../../_shared/db/database.ts'
import { type Api, json, jsonBody, problems } from '../../_shared/http.ts'
import { database } from '../database.ts'
import * as webhooks from '../webhooks.ts'

const one = z.object({ id: Id })

const list = createRoute({
  middleware: [requireCaller(database)] as const,
  method: 'get',
  path: '/webhooks',
  summary: 'Outgoing webhooks (administrators)',
  responses: { 200: json(z.object({ items: z.array(Webhook) })), ...problems }
})
const get = createRoute({
  middleware: [requireCaller(database)] as const,
  method: 'get',
  path: '/webhooks/{id}',
  summary: 'One of them (administrators)',
  request: { params: one },
  responses: { 200: json(Webhook), ...problems }
})
// Not idempotent: an answer that is kept to be given again would keep the secret.
const create = createRoute({
  middleware: [requireCaller(database), requireProof] as const,
  method: 'post',
  path: '/webhooks',
  summary: 'Tell another program of events; the secret is in this answer only (administrators)',
  request: jsonBody(NewWebhook),
  responses: { 201: json(MadeWebhook, 'Made'), ...problems }
})
const change = createRoute({
  middleware: [requireCaller(database), requireProof] as const,
  method: 'patch',
  path: '/webhooks/{id}',
  summary: 'Change one, switch it off, wake it (administrators)',
  request: { params: one, ...jsonBody(WebhookChange) },
  responses: { 200: json(Webhook), ...problems }
})
const secret = createRoute({
  middleware: [requireCaller(database), requireProof] as const,
  method: 'post',
  path: '/webhooks/{id}/secret',
  summary: 'A new secret, in this answer only; the old one signs beside it for a day (administrators)',
  request: { params: one },
  responses: { 201: json(MadeWebhook, 'Made'), ...problems }
})
const end = createRoute({
  middleware: [requireCaller(database)] as const,
  method: 'delete',
  path: '/webhooks/{id}',
  summary: 'Remove one (administrators)',
  request: { params: one },
  responses: { 204: { description: 'Removed' }, ...problems }
})
const test = createRoute({
  middleware: [requireCaller(database)] as const,
  method: 'post',
  path: '/webhooks/{id}/test',
  summary: 'Send a test event, once (administrators)',
  request: { params: one },
  responses: { 201: json(WebhookDelivery, 'On its way'), ...problems }
})
const deliveries = createRoute({
  middleware: [requireCaller(database)] as const,
  method: 'get',
  path: '/webhooks/{id}/deliveries',
  summary: 'What it was told in the last 30 days, newest first (administrators)',
  request: {
    params: one,
    query: PageQuery.extend({ state: WebhookDelivery.shape.state.optional() })
  },
  responses: { 200: json(pageOf(WebhookDelivery)), ...problems }
})
const again = createRoute({
  middleware: [requireCaller(database)] as const,
  method: 'post',
  path: '/webhooks/{id}/deliveries/{delivery}/again',
  summary: 'Send one event again, by the same webhook-id (administrators)',
  request: { params: one.extend({ delivery: Id }) },
  responses: { 200: json(WebhookReplayed), ...problems }
})
const againSince = createRoute({
  middleware: [requireCaller(database)] as const,
  method: 'post',
  path: '/webhooks/{id}/again',
  summary: 'Send all again that failed since a moment (administrators)',
  request: { params: one, ...jsonBody(WebhookReplay) },
  responses: { 200: json(WebhookReplayed), ...problems }
})

export function webhookRoutes(app: Api): void {
  const { transaction, pool } = database

  app.openapi(list, async (c) => {
    requireRole(c.var.caller, 'administrator')
    return c.json({ items: await webhooks.listWebhooks(pool, c.var.caller.id) }, 200)
  })

  app.openapi(get, async (c) => {
    requireRole(c.var.caller, 'administrator')
    return c.json(await webhooks.webhookById(pool, c.var.caller.id, c.req.valid('param').id), 200)
  })

  app.openapi(create, async (c) => {
    const { caller } = c.var
    requireRole(caller, 'administrator')
    const wish = c.req.valid('json')
    const made = await transaction([], async (session, acts) => {
      const done = await webhooks.addWebhook(session, acts, caller, wish)
      await run(session, 'select announce($1)', [`person:${caller.id}`])
      return done
    })
    return c.json(made, 201)
  })

  app.openapi(change, async (c) => {
    const { caller } = c.var
    requireRole(caller, 'administrator')
    const { id } = c.req.valid('param')
    const wish = c.req.valid('json')
    const changed = await transaction([], async (session, acts) => {
      const done = await webhooks.changeWebhook(session, acts, caller, id, wish)
      await run(session, 'select announce($1)', [`person:${caller.id}`])
      return done
    })
    return c.json(changed, 200)
  })

  app.openapi(secret, async (c) => {
    const { caller } = c.var
    requireRole(caller, 'administrator')
    const { id } = c.req.valid('param')
    const made = await transaction([], (session, acts) => webhooks.renewSecret(session, acts, caller, id))
    return c.json(made, 201)
  })

  app.openapi(end, async (c) => {
    const { caller } = c.var
    requireRole(caller, 'administrator')
    const { id } = c.req.valid('param')
    await transaction([], async (session, acts) => {
      await webhooks.endWebhook(session, acts, caller, id)
      await run(session, 'select announce($1)', [`person:${caller.id}`])
    })
    return c.body(null, 204)
  })

  app.openapi(test, async (c) => {
    requireRole(c.var.caller, 'administrator')
    const { id } = c.req.valid('param')
    return c.json(await transaction([], (session) => webhooks.tryWebhook(session, id)), 201)
  })

  app.openapi(deliveries, async (c) => {
    const { caller } = c.var
    requireRole(caller, 'administrator')
    const { id } = c.req.valid('param')
    const { cursor, limit, state = null } = c.req.valid('query')
    await webhooks.webhookById(pool, caller.id, id)
    const before = readCursor(cursor, Id)
    const found = await webhooks.deliveriesOf(pool, id, { before, limit: limit + 1, state })
    return c.json(
      pageFrom(found, limit, (last) => last.id),
      200
    )
  })

  app.openapi(again, async (c) => {
    const { caller } = c.var
    requireRole(caller, 'administrator')
    const { id, delivery } = c.req.valid('param')
    const count = await transaction([], (session, acts) =>
      webhooks.tellAgain(session, acts, caller, id, { delivery })
    )
    return c.json({ count }, 200)
  })

  app.openapi(againSince, async (c) => {
    const { caller } = c.var
    requireRole(caller, 'administrator')
    const { id } = c.req.valid('param')
    const { since } = c.req.valid('json')
    const count = await transaction([], (session, acts) =>
      webhooks.tellAgain(session, acts, caller, id, { since })
    )
    return c.json({ count }, 200)
  })
}
