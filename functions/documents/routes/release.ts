/** An administrator lets a held version go, also without a grant: it is then previewed as any other. */
import { createRoute, z } from '@hono/zod-openapi'
import { requireProof } from '../../_shared/auth/proof.ts'
import { requireRole } from '../../_shared/auth/session.ts'
import { Id } from '../../_shared/contract/common.ts'
import { VersionQuery } from '../../_shared/contract/document.ts'
import { run } from '../../_shared/db/database.ts'
import { addVersionJob, releaseVersion } from '../../_shared/db/document.ts'
import { projectOfDocument } from '../../_shared/db/access.ts'
import { type Api, problems } from '../../_shared/http.ts'
import { Problem, notFound } from '../../_shared/problem.ts'
import { afterRelease } from '../../_shared/rules/version.ts'
import { database } from '../database.ts'

const release = createRoute({
  method: 'post',
  path: '/documents/{id}/release',
  summary: 'Release a held version (administrator)',
  middleware: [requireProof] as const,
  request: { params: z.object({ id: Id }), query: VersionQuery },
  responses: { 204: { description: 'Released' }, ...problems }
})

export function releaseRoutes(app: Api): void {
  app.openapi(release, async (c) => {
    const caller = c.get('caller')
    requireRole(caller, 'administrator')
    const { id } = c.req.valid('param')
    const { version: no } = c.req.valid('query')
    const project_id = await projectOfDocument(database.pool, caller, id)
    if (!project_id) throw notFound()

    await database.transaction([project_id], async (session, acts) => {
      const plan = afterRelease({ state: 'held', deliver_unscanned: true })
      if (!plan?.change.state) throw notFound()
      const version = await releaseVersion(session, id, caller.id, plan.change.state, no)
      if (!version) throw new Problem('conflict', 'This version is not held.')
      if (plan.next) await addVersionJob(session, plan.next, version)
      acts.push({
        action: 'version.released',
        actor_id: caller.id,
        project_id,
        document_id: id,
        subject_id: version.id,
        facts: { scan_result: version.scan_result }
      })
      await run(session, 'select announce($1)', [`project:${project_id}`])
    })
    return c.body(null, 204)
  })
}
