/** Pages: the list, images and text. Whoever may only view gets images with their own name burned in, and no text. */
import { createRoute, z } from '@hono/zod-openapi'
import { Id } from '../../_shared/contract/common.ts'
import { PageInfo, PageText, VersionQuery } from '../../_shared/contract/document.ts'
import { reaches, requireInProject } from '../../_shared/db/access.ts'
import { pageKeys, noteOpened, pagesOf, releasedVersion } from '../../_shared/db/document.ts'
import { type Api, json, problems } from '../../_shared/http.ts'
import { notFound } from '../../_shared/problem.ts'
import { watermarked } from '../../_shared/pipeline/watermarked.ts'
import { DERIVED } from '../../_shared/storage/buckets.ts'
import { presignDownload } from '../../_shared/storage/presign.ts'
import { database } from '../database.ts'
import { readText } from '../text.ts'

const params = z.object({ id: Id, no: z.coerce.number().int().min(1).max(1_000_000) })

const list = createRoute({
  method: 'get',
  path: '/documents/{id}/pages',
  summary: 'The pages that can be looked at now',
  request: { params: params.pick({ id: true }), query: VersionQuery },
  responses: { 200: json(z.array(PageInfo)), ...problems }
})
const image = createRoute({
  method: 'get',
  path: '/documents/{id}/pages/{no}/image',
  summary: 'A page as an image; for somebody who may only view it, with their name burned in',
  request: { params, query: VersionQuery.extend({ size: z.enum(['page', 'thumbnail']).default('page') }) },
  responses: {
    200: { description: 'JPEG, watermarked', content: { 'image/jpeg': { schema: z.string() } } },
    302: { description: 'The clean image, at a URL that is valid for at most 60 s' },
    ...problems
  }
})
const text = createRoute({
  method: 'get',
  path: '/documents/{id}/pages/{no}/text',
  summary: "A page's words and where they stand (download)",
  request: { params, query: VersionQuery },
  responses: { 200: json(PageText), ...problems }
})

export function pageRoutes(app: Api): void {
  app.openapi(list, async (c) => {
    const caller = c.get('caller')
    const { id } = c.req.valid('param')
    const { version } = c.req.valid('query')
    const { project_id } = await requireInProject(database, caller, id, 'view', 'document')
    const pages = await database.transaction([project_id], async (session, acts) => {
      const { version_id } = await releasedVersion(session, id, version)
      acts.push({
        action: 'document.viewed',
        actor_id: caller.id,
        project_id,
        document_id: id,
        subject_id: version_id
      })
      await noteOpened(session, caller.id, { document_id: id, project_id, version_id })
      return pagesOf(session, id, version_id)
    })
    return c.json(pages, 200)
  })

  app.openapi(image, async (c) => {
    const caller = c.get('caller')
    const { id, no } = c.req.valid('param')
    const { size, version } = c.req.valid('query')
    const { project_id, level } = await requireInProject(database, caller, id, 'view', 'document')
    const clean = reaches(level, 'download')

    const page = await database.transaction([project_id], async (session, acts) => {
      const { version_id } = await releasedVersion(session, id, version)
      const found = await pageKeys(session, id, no, version_id)
      if (!found) throw notFound()
      if (size === 'page')
        acts.push({
          action: 'page.viewed',
          actor_id: caller.id,
          project_id,
          document_id: id,
          subject_id: version_id,
          facts: { page: no, watermarked: !clean }
        })
      return found
    })
    const key = size === 'page' ? page.image_key : page.thumbnail_key
    if (!clean) return watermarked(caller, key, c.req.raw.signal)
    return c.redirect(await presignDownload({ bucket: DERIVED, key, type: 'image/jpeg' }), 302)
  })

  app.openapi(text, async (c) => {
    const caller = c.get('caller')
    const { id, no } = c.req.valid('param')
    const { version } = c.req.valid('query')
    const { project_id } = await requireInProject(database, caller, id, 'download', 'document')
    const page = await database.transaction([project_id], async (session, acts) => {
      const { version_id } = await releasedVersion(session, id, version)
      const found = await pageKeys(session, id, no, version_id)
      if (!found) throw notFound()
      acts.push({
        action: 'text.viewed',
        actor_id: caller.id,
        project_id,
        document_id: id,
        subject_id: version_id,
        facts: { page: no }
      })
      return found
    })
    return c.json(page.text_key === null ? { words: [] } : await readText(page.text_key), 200)
  })
}
