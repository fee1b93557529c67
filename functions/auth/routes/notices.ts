/** The inbox: what came while one was elsewhere. */
import { createRoute } from '@hono/zod-openapi'
import { requireCaller } from '../../_shared/auth/session.ts'
import { PageQuery, pageOf } from '../../_shared/contract/common.ts'
import { Notice, ReadNotices, Unread } from '../../_shared/contract/notice.ts'
import { pageFrom, readCursor } from '../../_shared/cursor.ts'
import { type Session, run, seeProjects } from '../../_shared/db/database.ts'
import { projectsInReach } from '../../_shared/db/project.ts'
import { type Api, json, jsonBody, problems } from '../../_shared/http.ts'
import { database } from '../database.ts'
import { Place, inbox, markRead, unread } from '../notices.ts'

const list = createRoute({
  method: 'get',
  path: '/notices',
  summary: 'What there is new for one, newest first',
  middleware: [requireCaller(database)] as const,
  request: { query: PageQuery },
  responses: { 200: json(pageOf(Notice)), ...problems }
})
const count = createRoute({
  method: 'get',
  path: '/notices/unread',
  summary: 'How much of it has not been read',
  middleware: [requireCaller(database)] as const,
  responses: { 200: json(Unread), ...problems }
})
const read = createRoute({
  method: 'post',
  path: '/notices/read',
  summary: 'Mark as read: some, or without ids all',
  middleware: [requireCaller(database)] as const,
  request: jsonBody(ReadNotices),
  responses: { 200: json(Unread), ...problems }
})

export function noticeRoutes(app: Api): void {
  app.openapi(list, async (c) => {
    const { cursor, limit } = c.req.valid('query')
    const after = readCursor(cursor, Place)
    const found = await within(c.var.caller.id, (session, id) => inbox(session, id, after, limit + 1))
    const page = pageFrom(found, limit, ({ last_at, id }) => ({ last_at, id }))
    return c.json({ ...page, items: page.items.filter((one) => one.count > 0) }, 200)
  })

  app.openapi(count, async (c) => c.json(await within(c.var.caller.id, unread), 200))

  app.openapi(read, async (c) => {
    const { ids } = c.req.valid('json')
    const left = await within(c.var.caller.id, async (session, id) => {
      if ((await markRead(session, id, ids)) > 0) await run(session, 'select announce($1)', [`person:${id}`])
      return unread(session, id)
    })
    return c.json(left, 200)
  })
}

/** With row-level security open for what the person can reach. */
const within = <T>(id: string, work: (session: Session, id: string) => Promise<T>): Promise<T> =>
  database.transaction([], async (session) => {
    await seeProjects(session, await projectsInReach(session, id))
    return work(session, id)
  })
