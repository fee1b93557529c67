/** ZIPs too large to be made while somebody waits: ordered here, made by a job (pipeline/archive.ts), kept for a day. */
import { createRoute, z } from '@hono/zod-openapi'
import { ArchiveAddress, ArchiveWish, OrderedArchive } from '../../_shared/contract/archive.ts'
import { Id, PageQuery, pageOf } from '../../_shared/contract/common.ts'
import { pageFrom, readCursor } from '../../_shared/cursor.ts'
import type { Act } from '../../_shared/db/audit.ts'
import { type Session, seeProjects } from '../../_shared/db/database.ts'
import { projectsInReach } from '../../_shared/db/project.ts'
import { type Api, clientAddress, json, jsonBody, problems } from '../../_shared/http.ts'
import { remember } from '../../_shared/idempotency.ts'
import { Problem, notFound } from '../../_shared/problem.ts'
import { type ArchivePlan, MAX_ORDERS, MAX_ORDER_COUNT, MAX_ORDER_SIZE } from '../../_shared/rules/archive.ts'
import { DERIVED, archiveKey } from '../../_shared/storage/buckets.ts'
import { attachment } from '../../_shared/storage/disposition.ts'
import { presignDownload } from '../../_shared/storage/presign.ts'
import { lookInto, projectOf } from '../archive.ts'
import {
  archiveTicket,
  countOrders,
  deleteOrder,
  heldIn,
  openOrder,
  orderArchive,
  orderOf,
  ordersOf,
  reachable
} from '../archive-orders.ts'
import { database } from '../database.ts'

const params = z.object({ id: Id })
const order = createRoute({
  method: 'post',
  path: '/archives/orders',
  summary: `Order a ZIP that is made in the background (download; at most ${MAX_ORDERS} at a time)`,
  request: jsonBody(ArchiveWish),
  responses: { 201: json(OrderedArchive), ...problems }
})
const list = createRoute({
  method: 'get',
  path: '/archives/orders',
  summary: 'The ZIPs that one has ordered, newest first',
  request: { query: PageQuery },
  responses: { 200: json(pageOf(OrderedArchive)), ...problems }
})
const one = createRoute({
  method: 'get',
  path: '/archives/orders/{id}',
  summary: 'A ZIP that one has ordered: how far it is',
  request: { params },
  responses: { 200: json(OrderedArchive), ...problems }
})
const hand_out = createRoute({
  method: 'post',
  path: '/archives/orders/{id}/address',
  summary:
    'Where a ZIP that is ready can be fetched: asks again whether each document in it may be downloaded',
  request: { params },
  responses: { 200: json(ArchiveAddress), ...problems }
})
const remove = createRoute({
  method: 'delete',
  path: '/archives/orders/{id}',
  summary: 'Give up a ZIP that one has ordered, ready or not',
  request: { params },
  responses: { 204: { description: 'Gone' }, ...problems }
})

export function archiveOrderRoutes(app: Api): void {
  app.openapi(order, async (c) => {
    const caller = c.get('caller')
    const wish = c.req.valid('json')
    const project_id = await projectOf(caller, wish)
    const made = await within(caller.id, async (session, acts) => {
      if ((await countOrders(session, caller.id)) >= MAX_ORDERS)
        throw new Problem('too_many_archives', `There are ${MAX_ORDERS} already: fetch or delete one first.`)
      const { name, plan } = await lookInto(session, caller.id, project_id, wish, MAX_ORDER_COUNT)
      requireOrderFits(plan)
      const id = await orderArchive(session, { person_id: caller.id, project_id, name, wish, plan })
      acts.push({
        action: 'archive.ordered',
        actor_id: caller.id,
        project_id,
        subject_id: id,
        facts: { count: plan.files.length, size: plan.size }
      })
      const archive = await orderOf(session, caller.id, id)
      if (!archive) throw notFound()
      await remember(c, session, 201, archive)
      return archive
    })
    return c.json(made, 201)
  })

  app.openapi(list, async (c) => {
    const { cursor, limit } = c.req.valid('query')
    const after = readCursor(cursor, params)
    const { id } = c.get('caller')
    const found = await within(id, (session) => ordersOf(session, id, after?.id ?? null, limit + 1))
    return c.json(
      pageFrom(found, limit, (last) => ({ id: last.id })),
      200
    )
  })

  app.openapi(one, async (c) => {
    const { id } = c.get('caller')
    const found = await within(id, (session) => orderOf(session, id, c.req.valid('param').id))
    if (!found) throw notFound()
    return c.json(found, 200)
  })

  app.openapi(hand_out, async (c) => {
    const caller = c.get('caller')
    const { id } = c.req.valid('param')
    const address = clientAddress(c)
    const { name, ticket } = await within(caller.id, async (session, acts) => {
      const open = await openOrder(session, caller.id, id)
      if (!open) throw notFound()
      const { project_id, size } = open
      if (open.state !== 'ready' || size === null) throw new Problem('not_ready', 'It is still being made.')
      acts.push(...(await actsOf(session, { id, person_id: caller.id, project_id, size, address })))
      return { ...open, ticket: await archiveTicket(session, { id, project_id, person_id: caller.id, size }) }
    })
    const url = await presignDownload({
      bucket: DERIVED,
      key: archiveKey(id),
      disposition: attachment(name),
      type: 'application/zip',
      ticket
    })
    return c.json({ url }, 200)
  })

  app.openapi(remove, async (c) => {
    const caller = c.get('caller')
    const { id } = c.req.valid('param')
    await within(caller.id, async (session, acts) => {
      const project_id = await deleteOrder(session, caller.id, id)
      if (!project_id) throw notFound()
      acts.push({ action: 'archive.deleted', actor_id: caller.id, project_id, subject_id: id })
    })
    return c.body(null, 204)
  })
}

/** With row-level security open for what the person can reach. */
const within = <T>(person_id: string, work: (session: Session, acts: Act[]) => Promise<T>): Promise<T> =>
  database.transaction([], async (session, acts) => {
    await seeProjects(session, await projectsInReach(session, person_id))
    return work(session, acts)
  })

function requireOrderFits({ files, left_out, size }: ArchivePlan): void {
  if (files.length === 0) throw new Problem('forbidden', 'Nothing of this may be taken home.')
  if (size > MAX_ORDER_SIZE || files.length + left_out.length > MAX_ORDER_COUNT)
    throw new Problem('too_large', 'This is too much for one ZIP: take it in parts.')
}

/**
 * Each document in the log, as if it had been downloaded by itself, and the handing out of the whole. Throws
 * `archive_outdated` when one of them may not be downloaded any more: the ZIP cannot be handed out without it.
 */
async function actsOf(
  session: Session,
  of: { id: string; person_id: string; project_id: string; size: number; address: string }
): Promise<Act[]> {
  const held = await heldIn(session, of.id)
  const ids = held.map((file) => file.document_id)
  const there = await reachable(session, of.person_id, ids)
  const lost = ids.filter((id) => !there.has(id)).length
  if (lost > 0)
    throw new Problem('archive_outdated', `Of ${lost} documents in it the access has gone: order it anew.`, {
      errors: [{ field: 'documents', code: String(lost), detail: 'no longer accessible' }]
    })
  const by = { actor_id: of.person_id, project_id: of.project_id, detail: { address: of.address } }
  return [
    ...held.map((file) => ({
      ...by,
      action: 'document.downloaded' as const,
      document_id: file.document_id,
      subject_id: file.version_id,
      facts: { size: file.size, archive: true, archive_id: of.id }
    })),
    {
      ...by,
      action: 'archive.handed_out',
      subject_id: of.id,
      facts: { size: of.size, count: held.length }
    }
  ]
}
