/** Activity: the log, newest first, as far as the reader may see it. */
import { createRoute, z } from '@hono/zod-openapi'
import { type Caller, requireRole } from '../../_shared/auth/session.ts'
import { Activity } from '../../_shared/contract/activity.ts'
import { Id, PageQuery, pageOf } from '../../_shared/contract/common.ts'
import { LogFilter } from '../../_shared/contract/log.ts'
import { makeCursor, readCursor } from '../../_shared/cursor.ts'
import { decide, refuseEvenly } from '../../_shared/db/access.ts'
import type { LogPart } from '../../_shared/db/activity.ts'
import { projectsInReach } from '../../_shared/db/project.ts'
import { type Api, json, problems } from '../../_shared/http.ts'
import { keyReaches } from '../../_shared/key.ts'
import { Problem } from '../../_shared/problem.ts'
import { database } from '../database.ts'
import { readLog } from '../read-log.ts'

const list = createRoute({
  method: 'get',
  path: '/activity',
  summary:
    'What happened to a document or in a project; without either, in the firm (administrator, auditor)',
  request: {
    query: PageQuery.extend({ ...LogFilter.shape, project_id: Id.optional(), document_id: Id.optional() })
  },
  responses: { 200: json(pageOf(Activity)), ...problems }
})

const Place = z.object({ seq: z.int().min(0) })

export function activityRoutes(app: Api): void {
  app.openapi(list, async (c) => {
    const caller = c.get('caller')
    const { project_id = null, document_id = null, cursor, limit, ...filter } = c.req.valid('query')
    if (project_id && document_id)
      throw new Problem('invalid_request', 'Name a project_id or a document_id, not both.')
    const before = readCursor(cursor, Place)?.seq ?? Number.MAX_SAFE_INTEGER
    const whole_log = await requireReader(caller, { project_id, document_id })
    const narrowed = Object.keys(filter).length > 0
    // Of a part of the log a filter would tell that there are acts which the reader may not see.
    if (narrowed && (!whole_log || document_id))
      throw new Problem('forbidden', "Only the firm's log can be narrowed.")
    const reader = { id: caller.id, whole_log }
    const part = { project_id, document_id, ...(narrowed && { filter }) }
    const { items, next } = await readLog(reader, part, before, limit)
    return c.json({ items, next: next === null ? null : makeCursor({ seq: next }) }, 200)
  })
}

/** Whether this reader may read all of it. Throws `not_found` for what they may not see, `forbidden` for the firm's log. */
async function requireReader(caller: Caller, { project_id, document_id }: LogPart): Promise<boolean> {
  const is_reader = caller.staff_role === 'administrator' || caller.staff_role === 'auditor'
  // Whose key is limited to a project reads what the rule gives there, like everybody else.
  const reads_all = is_reader && keyReaches(null)
  if (!project_id && !document_id) {
    requireRole(caller, 'administrator', 'auditor')
    if (!reads_all) throw new Problem('forbidden', 'This key is limited to one project.')
    return true
  }
  if (reads_all) return true
  const asked_at = performance.now()
  const thing = document_id ?? project_id ?? ''
  const decision = await decide(database.pool, caller, thing, document_id ? 'document' : 'node')
  if (decision?.project_id) return false
  // Of a project perhaps nothing itself is visible but something inside: then the acts on that.
  const reach = await projectsInReach(database.pool, caller.id)
  if (!reach.includes(thing.toLowerCase())) return refuseEvenly(asked_at)
  return false
}
