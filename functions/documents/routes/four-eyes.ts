/** Four eyes: what the firm brings waits for a second one of the firm before clients see it. */
import { createRoute, z } from '@hono/zod-openapi'
import type { Caller } from '../../_shared/auth/session.ts'
import { requireProof } from '../../_shared/auth/proof.ts'
import { Id } from '../../_shared/contract/common.ts'
import { FourEyes } from '../../_shared/contract/lock.ts'
import { requireInProject } from '../../_shared/db/access.ts'
import { blocks, row, run } from '../../_shared/db/database.ts'
import { type Api, jsonBody, problems } from '../../_shared/http.ts'
import { Problem } from '../../_shared/problem.ts'
import { database } from '../database.ts'

const sql = blocks<'set' | 'waiting' | 'show'>(new URL('../four-eyes.sql', import.meta.url))

const change = createRoute({
  method: 'put',
  path: '/places/{id}/four-eyes',
  summary: 'Switch four eyes on or off for a project or folder and all that is in it (staff, manage)',
  middleware: [requireProof] as const,
  request: { params: z.object({ id: Id }), ...jsonBody(FourEyes) },
  responses: { 204: { description: 'Switched' }, ...problems }
})
const show = createRoute({
  method: 'post',
  path: '/documents/{id}/versions/{no}/show',
  summary: 'Release a version to the client that a colleague uploaded (staff, contribute)',
  request: { params: z.object({ id: Id, no: z.coerce.number().int().min(1).max(1_000_000) }) },
  responses: { 204: { description: 'Released' }, ...problems }
})

export function fourEyesRoutes(app: Api): void {
  app.openapi(change, async (c) => {
    const caller = c.get('caller')
    const { id } = c.req.valid('param')
    const { four_eyes } = c.req.valid('json')
    const { project_id } = await requireInProject(database, caller, id, 'manage', 'node')
    requireStaff(caller)
    await database.transaction([project_id], async (session, acts) => {
      if ((await run(session, sql('set'), [id, four_eyes])) === 0) return
      const about = { actor_id: caller.id, project_id, subject_id: id }
      acts.push({ action: 'four_eyes.changed', ...about, facts: { thing_id: id, four_eyes } })
      await run(session, 'select announce($1)', [`project:${project_id}`])
    })
    return c.body(null, 204)
  })

  app.openapi(show, async (c) => {
    const caller = c.get('caller')
    const { id, no } = c.req.valid('param')
    const { project_id } = await requireInProject(database, caller, id, 'contribute', 'document')
    requireStaff(caller)
    await database.transaction([project_id], async (session, acts) => {
      const shown = await row(session, sql('show'), [id, no, caller.id], z.object({ id: Id }))
      if (!shown) {
        const waiting = await row(
          session,
          sql('waiting'),
          [id, no, caller.id],
          z.object({ own: z.boolean() })
        )
        if (waiting?.own) throw new Problem('forbidden', 'Whoever uploaded it does not release it.')
        throw new Problem('conflict', 'This version does not wait for its release.')
      }
      const about = { actor_id: caller.id, project_id, document_id: id, subject_id: shown.id }
      acts.push({ action: 'version.shown', ...about, facts: { no } })
      await run(session, 'select announce($1)', [`project:${project_id}`])
    })
    return c.body(null, 204)
  })
}

function requireStaff(caller: Caller): void {
  if (!caller.staff_role) throw new Problem('forbidden', 'This is for the firm’s people.')
}
