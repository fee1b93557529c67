/** Pages and originals for a visitor. The rule is asked for the link at each request: what was revoked is gone at once. */
import { createRoute, z } from '@hono/zod-openapi'
import { Id } from '../../_shared/contract/common.ts'
import { PageInfo, VersionQuery } from '../../_shared/contract/document.ts'
import { reaches, requireInProject } from '../../_shared/db/access.ts'
import type { Act } from '../../_shared/db/audit.ts'
import type { Session } from '../../_shared/db/database.ts'
import { issueTicket, pageKeys, pagesOf, releasedVersion } from '../../_shared/db/document.ts'
import { type Api, clientAddress, json, problems } from '../../_shared/http.ts'
import { watermarked } from '../../_shared/pipeline/watermarked.ts'
import { Problem, notFound } from '../../_shared/problem.ts'
import { DERIVED, DOCUMENTS } from '../../_shared/storage/buckets.ts'
import { attachment } from '../../_shared/storage/disposition.ts'
import { presignDownload } from '../../_shared/storage/presign.ts'
import { database } from '../database.ts'
import { type Visitor, requireVisit } from '../visits.ts'

const params = z.object({ link: Id, id: Id, no: z.coerce.number().int().min(1).max(1_000_000) })

const list = createRoute({
  method: 'get',
  path: '/visits/{link}/documents/{id}/pages',
  summary: 'The pages that can be looked at now',
  middleware: [requireVisit] as const,
  request: { params: params.pick({ link: true, id: true }), query: VersionQuery },
  responses: { 200: json(z.array(PageInfo)), ...problems }
})
const image = createRoute({
  method: 'get',
  path: '/visits/{link}/documents/{id}/pages/{no}/image',
  summary: "A page as an image; where it may only be viewed, with the visitor's name burned in",
  middleware: [requireVisit] as const,
  request: { params, query: VersionQuery.extend({ size: z.enum(['page', 'thumbnail']).default('page') }) },
  responses: {
    200: { description: 'JPEG, watermarked', content: { 'image/jpeg': { schema: z.string() } } },
    302: { description: 'The clean image, at a URL that is valid for at most 60 s' },
    ...problems
  }
})
const content = createRoute({
  method: 'get',
  path: '/visits/{link}/documents/{id}/content',
  summary: 'Download the original of the current version (download)',
  middleware: [requireVisit] as const,
  request: { params: params.pick({ link: true, id: true }), query: VersionQuery },
  responses: { 302: { description: 'The original, at a URL that is valid for at most 60 s' }, ...problems }
})

export function visitDocumentRoutes(app: Api): void {
  app.openapi(list, async (c) => {
    const visitor = c.get('visitor')
    const { id } = c.req.valid('param')
    const { version } = c.req.valid('query')
    const { project_id } = await requireInProject(database, asker(visitor), id, 'view', 'document')
    const pages = await database.transaction([project_id], async (session, acts) => {
      const { version_id } = await currentOf(session, id, version)
      acts.push(act('document.viewed', visitor, id, version_id))
      return pagesOf(session, id, version_id)
    })
    return c.json(pages, 200)
  })

  app.openapi(image, async (c) => {
    const visitor = c.get('visitor')
    const { id, no } = c.req.valid('param')
    const { size, version } = c.req.valid('query')
    const { project_id, level } = await requireInProject(database, asker(visitor), id, 'view', 'document')
    const clean = reaches(level, 'download')
    const page = await database.transaction([project_id], async (session, acts) => {
      const { version_id } = await currentOf(session, id, version)
      const found = await pageKeys(session, id, no, version_id)
      if (!found) throw notFound()
      if (size === 'page')
        acts.push(act('page.viewed', visitor, id, version_id, { page: no, watermarked: !clean }))
      return found
    })
    const key = size === 'page' ? page.image_key : page.thumbnail_key
    const { link_id, visit_id } = visitor
    const viewer = { ...visitor, id: `${link_id}/${visit_id}`, email: '', through: link_id }
    if (!clean) return watermarked(viewer, key, c.req.raw.signal)
    return c.redirect(await presignDownload({ bucket: DERIVED, key, type: 'image/jpeg' }), 302)
  })

  app.openapi(content, async (c) => {
    const visitor = c.get('visitor')
    const { id } = c.req.valid('param')
    const { version: no } = c.req.valid('query')
    const { project_id } = await requireInProject(database, asker(visitor), id, 'download', 'document')
    const version = await database.transaction([project_id], async (session, acts) => {
      const current = await currentOf(session, id, no)
      acts.push({
        ...act('document.downloaded', visitor, id, current.version_id, { size: current.size }),
        detail: { address: clientAddress(c) }
      })
      return { ...current, ticket: await issueTicket(session, { ...current, link_id: visitor.link_id }) }
    })
    const url = await presignDownload({
      bucket: DOCUMENTS,
      key: version.object_key,
      version_id: version.object_version_id,
      disposition: attachment(version.name),
      // Whatever the sender called it: nobody's browser shall run it.
      type: 'application/octet-stream',
      ticket: version.ticket
    })
    return c.redirect(url, 302)
  })
}

/**
 * The current version; a link shows no other. Throws `version_changed` where the visitor has another one before them, so
 * that pages of two versions never stand side by side.
 */
async function currentOf(session: Session, id: string, no: number | undefined) {
  const current = await releasedVersion(session, id)
  if (no !== undefined && no !== current.no)
    throw new Problem('version_changed', 'There is a newer version of this document.')
  return current
}

/** The link is the one who asks: the rule caps it by its maker. */
const asker = (visitor: Visitor) => ({ id: visitor.link_id })

const act = (
  action: Act['action'],
  visitor: Visitor,
  document_id: string,
  version_id: string,
  facts: NonNullable<Act['facts']> = {}
): Act => ({
  action,
  actor_id: visitor.link_id,
  project_id: visitor.project_id,
  document_id,
  subject_id: version_id,
  facts: { ...facts, visit_id: visitor.visit_id }
})
