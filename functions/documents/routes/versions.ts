/** A document's versions: the list, and going back to an older one. */
import { createRoute, z } from '@hono/zod-openapi'
import { Id, PageQuery, pageOf } from '../../_shared/contract/common.ts'
import { Document, ListedVersion } from '../../_shared/contract/document.ts'
import { pageFrom, readCursor } from '../../_shared/cursor.ts'
import { requireInProject } from '../../_shared/db/access.ts'
import { documentById, versionsOf } from '../../_shared/db/document.ts'
import { type Api, json, problems } from '../../_shared/http.ts'
import { notFound } from '../../_shared/problem.ts'
import { database } from '../database.ts'
import { beginRestore, finishCopy } from '../restore.ts'
import { show, showVersion } from '../show.ts'

const list = createRoute({
  method: 'get',
  path: '/documents/{id}/versions',
  summary: "A document's versions, the newest first",
  request: { params: z.object({ id: Id }), query: PageQuery },
  responses: { 200: json(pageOf(ListedVersion)), ...problems }
})
const restore = createRoute({
  method: 'post',
  path: '/documents/{id}/versions/{no}/restore',
  summary: 'Go back to a version: a copy of it becomes the newest (contribute); again: nothing happens',
  request: { params: z.object({ id: Id, no: z.coerce.number().int().min(1).max(1_000_000) }) },
  responses: { 200: json(Document, 'With the copy as its newest version'), ...problems }
})

export function versionRoutes(app: Api): void {
  app.openapi(list, async (c) => {
    const { id } = c.req.valid('param')
    const { limit, cursor } = c.req.valid('query')
    const before = readCursor(cursor, z.int())
    const caller = c.get('caller')
    const { project_id, level } = await requireInProject(database, caller, id, 'view', 'document')
    const { name, versions } = await database.transaction([project_id], async (session) => ({
      name: (await documentById(session, caller.id, id, level))?.name ?? '',
      versions: await versionsOf(session, id, before, limit + 1)
    }))
    const page = pageFrom(versions, limit, (last) => last.no)
    return c.json({ ...page, items: page.items.map((version) => showVersion(name, version)) }, 200)
  })

  app.openapi(restore, async (c) => {
    const caller = c.get('caller')
    const { id, no } = c.req.valid('param')
    const { project_id, level } = await requireInProject(database, caller, id, 'contribute', 'document')
    const copy = await database.transaction([project_id], (session) => beginRestore(session, caller, id, no))
    if (copy) await finishCopy(project_id, copy)
    const document = await database.transaction([project_id], (session) =>
      documentById(session, caller.id, id, level)
    )
    if (!document) throw notFound()
    return c.json(show(document), 200)
  })
}
