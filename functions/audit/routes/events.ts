/** Events for machines: what happened after a moment, as far as the caller may see it now. */
import { createRoute, z } from '@hono/zod-openapi'
import type { Caller } from '../../_shared/auth/session.ts'
import { EVENT_TYPES, Events, EventsQuery } from '../../_shared/contract/event.ts'
import { makeCursor, readCursor } from '../../_shared/cursor.ts'
import { projectsInReach } from '../../_shared/db/project.ts'
import { type Api, json, problems } from '../../_shared/http.ts'
import { keyReaches } from '../../_shared/key.ts'
import { notFound } from '../../_shared/problem.ts'
import type { Reader } from '../../_shared/rules/activity.ts'
import { actsOf } from '../../_shared/rules/event.ts'
import { database } from '../database.ts'
import { type FeedPart, newest, waitForFeed } from '../feed.ts'

const list = createRoute({
  method: 'get',
  path: '/events',
  summary:
    'What happened, oldest first, as CloudEvents; with `wait` the call stays open until something does',
  request: { query: EventsQuery },
  responses: { 200: json(Events), ...problems }
})

const Place = z.object({ seq: z.int().min(0) })

export function eventRoutes(app: Api): void {
  app.openapi(list, async (c) => {
    const caller = c.get('caller')
    const { after, from, types, project_id, limit, wait } = c.req.valid('query')
    const place = readCursor(after, Place)?.seq ?? (from === 'now' ? await newest() : 0)
    const actions = actsOf(types ?? EVENT_TYPES)
    const reading = async () => {
      const { reader, projects } = await readerOf(caller, project_id)
      return { reader, part: { actions, projects } }
    }
    const page = await waitForFeed(reading, place, limit, { seconds: wait, signal: c.req.raw.signal })
    return c.json({ ...page, next: makeCursor({ seq: page.next }) }, 200)
  })
}

/** Who reads, and what of it. Throws `not_found` for a project of which they may see nothing. */
async function readerOf(
  caller: Caller,
  project_id: string | undefined
): Promise<{ reader: Reader; projects: FeedPart['projects'] }> {
  const is_reader = caller.staff_role === 'administrator' || caller.staff_role === 'auditor'
  // Whose key is limited to a project reads what the rule gives there, like everybody else.
  const whole_log = is_reader && keyReaches(null)
  const reader = { id: caller.id, whole_log }
  if (whole_log && !project_id) return { reader, projects: null }
  const reach = await projectsInReach(database.pool, caller.id)
  if (!project_id) return { reader, projects: reach }
  const wanted = project_id.toLowerCase()
  if (!whole_log && !reach.includes(wanted)) throw notFound()
  return { reader, projects: [wanted] }
}
