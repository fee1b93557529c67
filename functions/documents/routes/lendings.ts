/** A document's bytes for a function of the firm's own that a rule calls: read in the name of the rule's maker. */
import { createRoute, z } from '@hono/zod-openapi'
import { Id } from '../../_shared/contract/common.ts'
import { Lending, LendingWish } from '../../_shared/contract/own-function.ts'
import { requireInProject } from '../../_shared/db/access.ts'
import { releasedVersion } from '../../_shared/db/document.ts'
import { type Api, json, jsonBody, problems } from '../../_shared/http.ts'
import { keyInHand } from '../../_shared/key.ts'
import { Problem } from '../../_shared/problem.ts'
import { DOCUMENTS } from '../../_shared/storage/buckets.ts'
import { presignInner } from '../../_shared/storage/presign.ts'
import { GET_SECONDS } from '../../_shared/storage/sign.ts'
import { database } from '../database.ts'

const lend = createRoute({
  method: 'post',
  path: '/documents/{id}/lendings',
  summary: 'The original at an address inside, for a function that a rule calls; for rules alone (download)',
  request: { params: z.object({ id: Id }), ...jsonBody(LendingWish) },
  responses: { 201: json(Lending, 'Lent for a minute'), ...problems }
})

export function lendingRoutes(app: Api): void {
  app.openapi(lend, async (c) => {
    const caller = c.get('caller')
    const { id } = c.req.valid('param')
    const { function: name } = c.req.valid('json')
    const { project_id } = await requireInProject(database, caller, id, 'download', 'document')
    if (!keyInHand()?.scopes.includes('rule'))
      throw new Problem('forbidden', 'Only rules lend documents to functions.')
    const version = await database.transaction([project_id], async (session, acts) => {
      const current = await releasedVersion(session, id)
      acts.push({
        action: 'document.downloaded',
        actor_id: caller.id,
        project_id,
        document_id: id,
        subject_id: current.version_id,
        facts: { size: current.size, function: name }
      })
      return current
    })
    const until = new Date(Date.now() + GET_SECONDS * 1_000).toISOString()
    const url = await presignInner({
      bucket: DOCUMENTS,
      key: version.object_key,
      version_id: version.object_version_id,
      seconds: GET_SECONDS
    })
    return c.json({ url, until }, 201)
  })
}
