/** The original: each request is authorised anew and answered with a URL that lives a minute. */
import { createRoute, z } from '@hono/zod-openapi'
import { requireOwnEyes } from '../../_shared/auth/session.ts'
import { Id } from '../../_shared/contract/common.ts'
import { playedAs } from '../../_shared/contract/media.ts'
import { VersionQuery } from '../../_shared/contract/document.ts'
import { requireInProject } from '../../_shared/db/access.ts'
import { issueTicket, noteOpened, releasedVersion } from '../../_shared/db/document.ts'
import { type Api, clientAddress, problems } from '../../_shared/http.ts'
import { Problem } from '../../_shared/problem.ts'
import { DOCUMENTS } from '../../_shared/storage/buckets.ts'
import { attachment } from '../../_shared/storage/disposition.ts'
import { presignDownload } from '../../_shared/storage/presign.ts'
import { database } from '../database.ts'

const content = createRoute({
  method: 'get',
  path: '/documents/{id}/content',
  summary: 'Download the original of the current version, or of an older one (download)',
  request: {
    params: z.object({ id: Id }),
    query: VersionQuery.extend({
      use: z
        .enum(['save', 'play'])
        .default('save')
        .openapi({ description: 'play: sound and film, for a player' })
    })
  },
  responses: { 302: { description: 'The original, at a URL that is valid for at most 60 s' }, ...problems }
})

export function contentRoutes(app: Api): void {
  app.openapi(content, async (c) => {
    const caller = c.get('caller')
    requireOwnEyes(caller)
    const { id } = c.req.valid('param')
    const { version: no, use } = c.req.valid('query')
    const { project_id } = await requireInProject(database, caller, id, 'download', 'document')

    const version = await database.transaction([project_id], async (session, acts) => {
      const current = await releasedVersion(session, id, no)
      if (use === 'play' && !playedAs(current.detected_type))
        throw new Problem('invalid_request', 'This is neither sound nor film that a browser plays.')
      acts.push({
        action: 'document.downloaded',
        actor_id: caller.id,
        project_id,
        document_id: id,
        subject_id: current.version_id,
        facts: { size: current.size },
        detail: { address: clientAddress(c) }
      })
      await noteOpened(session, caller.id, { document_id: id, project_id, version_id: current.version_id })
      const ticket = await issueTicket(session, { ...current, person_id: caller.id })
      return { ...current, ticket }
    })
    const url = await presignDownload({
      bucket: DOCUMENTS,
      key: version.object_key,
      version_id: version.object_version_id,
      disposition: attachment(version.name),
      // Whatever the sender called it: nobody's browser shall run it. A player gets a type of our own list.
      type: (use === 'play' && playedAs(version.detected_type)?.type) || 'application/octet-stream',
      ticket: version.ticket
    })
    return c.redirect(url, 302)
  })
}
