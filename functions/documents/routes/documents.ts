/** One document. */
import { createRoute, z } from '@hono/zod-openapi'
import { Id } from '../../_shared/contract/common.ts'
import { Document, VersionQuery } from '../../_shared/contract/document.ts'
import { requireInProject } from '../../_shared/db/access.ts'
import { documentById, versionByNo } from '../../_shared/db/document.ts'
import { type Api, json, problems } from '../../_shared/http.ts'
import { notFound } from '../../_shared/problem.ts'
import { database } from '../database.ts'
import { show } from '../show.ts'

const read = createRoute({
  method: 'get',
  path: '/documents/{id}',
  summary: 'A document with its current version, or an older one, and what one may do with it',
  request: { params: z.object({ id: Id }), query: VersionQuery },
  responses: { 200: json(Document), ...problems }
})

export function documentRoutes(app: Api): void {
  app.openapi(read, async (c) => {
    const { id } = c.req.valid('param')
    const caller = c.get('caller')
    const { project_id, level } = await requireInProject(database, caller, id, 'view', 'document')
    const { version: no } = c.req.valid('query')
    const document = await database.transaction([project_id], async (session) => {
      const found = await documentById(session, caller.id, id, level)
      const version = found && (no === undefined ? found.version : await versionByNo(session, id, no))
      return version && { ...found, version }
    })
    if (!document) throw notFound()
    return c.json(show(document), 200)
  })
}
