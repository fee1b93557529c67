/** Copies of documents and folders, and documents of the same content. */
import { createRoute, z } from '@hono/zod-openapi'
import type { Caller } from '../../_shared/auth/session.ts'
import { Id } from '../../_shared/contract/common.ts'
import { Document } from '../../_shared/contract/document.ts'
import { CopyWish, Outcomes } from '../../_shared/contract/order.ts'
import { decide, reaches, requireInProject } from '../../_shared/db/access.ts'
import { documentsOfSameContent } from '../../_shared/db/document.ts'
import { type Api, json, jsonBody, problems } from '../../_shared/http.ts'
import { Problem } from '../../_shared/problem.ts'
import { MAX_COPY } from '../../_shared/storage/buckets.ts'
import { beginFolderCopy } from '../copy-folder.ts'
import { beginCopy, sameClient } from '../copy.ts'
import { database } from '../database.ts'
import { liesIn } from '../order.ts'
import { type Copy, finishCopy } from '../restore.ts'
import { show } from '../show.ts'

type Outcome = Outcomes['things'][number]['outcome']

/** Copies that the store makes at the same time. */
const AT_ONCE = 4

const copying = createRoute({
  method: 'post',
  path: '/things/copy',
  summary:
    'Copy documents and folders into a folder (download; contribute where they go), up to 5 GiB at once',
  request: { ...jsonBody(CopyWish) },
  responses: { 200: json(Outcomes), ...problems }
})
const twins = createRoute({
  method: 'get',
  path: '/projects/{id}/duplicates',
  summary: 'Documents of a project that hold the same bytes as another one, group by group',
  request: { params: z.object({ id: Id }) },
  responses: { 200: json(z.array(Document)), ...problems }
})
const twinsOfOne = createRoute({
  method: 'get',
  path: '/documents/{id}/duplicates',
  summary: 'Other documents of its project that hold the same bytes',
  request: { params: z.object({ id: Id }) },
  responses: { 200: json(z.array(Document)), ...problems }
})

export function copyRoutes(app: Api): void {
  app.openapi(copying, async (c) => {
    const caller = c.get('caller')
    const { things, folder_id } = c.req.valid('json')
    const to = await requireInProject(database, caller, folder_id, 'contribute', 'node')
    const outcomes = new Map<string, Outcome>()
    const copies: Copy[] = []
    let room = MAX_COPY
    for (const id of new Set(things)) {
      const begun = await begin(caller, id, { to: to.project_id, folder_id }, room).catch(refusal)
      outcomes.set(id, begun.outcome)
      copies.push(...begun.copies)
      room -= begun.copies.reduce((sum, one) => sum + one.size, 0)
    }
    for (let i = 0; i < copies.length; i += AT_ONCE)
      await Promise.all(copies.slice(i, i + AT_ONCE).map((copy) => finishCopy(to.project_id, copy)))
    return c.json({ things: [...outcomes].map(([id, outcome]) => ({ id, outcome })) }, 200)
  })

  app.openapi(twins, async (c) => {
    const caller = c.get('caller')
    const { id } = c.req.valid('param')
    const { project_id } = await requireInProject(database, caller, id, 'view', 'node')
    const found = await database.transaction([project_id], (session) =>
      documentsOfSameContent(session, caller.id, project_id, null)
    )
    // One whose twins the caller may not see is alone in its group: nothing is told of them.
    const seen = Map.groupBy(found, (one) => one.version.sha256)
    return c.json(found.filter((one) => (seen.get(one.version.sha256)?.length ?? 0) > 1).map(show), 200)
  })

  app.openapi(twinsOfOne, async (c) => {
    const caller = c.get('caller')
    const { id } = c.req.valid('param')
    const { project_id } = await requireInProject(database, caller, id, 'view', 'document')
    const found = await database.transaction([project_id], (session) =>
      documentsOfSameContent(session, caller.id, project_id, id)
    )
    return c.json(found.map(show), 200)
  })
}

type Begun = { outcome: Outcome; copies: Copy[] }
const refused = (outcome: Outcome): Begun => ({ outcome, copies: [] })

/** What is to be copied, announced; or why nothing is. */
async function begin(
  caller: Caller,
  id: string,
  { to, folder_id }: { to: string; folder_id: string },
  room: number
): Promise<Begun> {
  const decision = await decide(database.pool, caller, id)
  if (!decision?.project_id || decision.kind === 'project') return refused('not_found')
  const from = decision.project_id
  if (decision.kind === 'document' && !reaches(decision.level, 'download')) return refused('forbidden')
  return database.transaction([from, to], async (session, acts) => {
    if (!(await sameClient(session, from, to))) return refused('forbidden')
    if (decision.kind === 'folder') {
      if (await liesIn(session, folder_id, id)) return refused('into_itself')
      const { copies, whole } = await beginFolderCopy(
        session,
        acts,
        caller,
        id,
        { from, to, folder_id },
        room
      )
      return { outcome: whole ? 'done' : 'partly', copies }
    }
    const copy = await beginCopy(session, caller, id, folder_id)
    if (copy && copy.size > room) throw new Problem('too_large', 'The store copies up to 5 GiB at once.')
    return copy ? { outcome: 'done', copies: [copy] } : refused('not_found')
  })
}

/** What a refusal means for one of several; anything else is an error of the whole. */
function refusal(error: unknown): Begun {
  if (error instanceof Problem && (error.code === 'held' || error.code === 'not_ready'))
    return refused('not_ready')
  if (error instanceof Problem && error.code === 'too_large') return refused('too_large')
  throw error
}
