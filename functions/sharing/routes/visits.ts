/** What a visitor is told: who shares, what, and until when. */
import { createRoute, z } from '@hono/zod-openapi'
import { Id, PageQuery, pageOf } from '../../_shared/contract/common.ts'
import { SharedDocument, Visit } from '../../_shared/contract/link.ts'
import { pageFrom, readCursor } from '../../_shared/cursor.ts'
import { type Api, json, problems } from '../../_shared/http.ts'
import { database } from '../database.ts'
import { contentsOf, requireVisit } from '../visits.ts'

const params = z.object({ link: Id })

const current = createRoute({
  method: 'get',
  path: '/visits/{link}',
  summary: "The visit of a link that this browser's cookie stands for",
  middleware: [requireVisit] as const,
  request: { params },
  responses: { 200: json(Visit), ...problems }
})
const documents = createRoute({
  method: 'get',
  path: '/visits/{link}/documents',
  summary: 'What the visitor may see at this moment, by name',
  middleware: [requireVisit] as const,
  request: { params, query: PageQuery },
  responses: { 200: json(pageOf(SharedDocument)), ...problems }
})

const Place = SharedDocument.pick({ id: true, name: true })

export function visitRoutes(app: Api): void {
  app.openapi(current, (c) => {
    const visitor = c.get('visitor')
    const { link_id, firm_name: firm, sender, recipient, level, note, valid_until, time_zone } = visitor
    return c.json({ link_id, firm, sender, recipient, level, note, valid_until, time_zone }, 200)
  })

  app.openapi(documents, async (c) => {
    const visitor = c.get('visitor')
    const { cursor, limit } = c.req.valid('query')
    const after = readCursor(cursor, Place)
    const found = await database.transaction([visitor.project_id], (session) =>
      contentsOf(session, visitor, after, limit + 1)
    )
    return c.json(
      pageFrom(found, limit, ({ id, name }) => ({ id, name })),
      200
    )
  })
}
