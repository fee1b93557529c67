/** Folders: a new one, and what lies in one. */
import { createRoute, z } from '@hono/zod-openapi'
import { Id, pageOf } from '../../_shared/contract/common.ts'
import { Document, Folder, NewFolder } from '../../_shared/contract/document.ts'
import { ListQuery } from '../../_shared/contract/listing.ts'
import { pageFrom, readCursor } from '../../_shared/cursor.ts'
import { decide, refuseEvenly, requireInProject } from '../../_shared/db/access.ts'
import { run } from '../../_shared/db/database.ts'
import { SortedPlace, documentsOfFolder, sortedDocumentsOfFolder } from '../../_shared/db/document.ts'
import { addFolder, lockTree, projectsInReach, subfolders } from '../../_shared/db/project.ts'
import { isPlain, typesOf } from '../../_shared/rules/listing.ts'
import { type Api, json, jsonBody, problems } from '../../_shared/http.ts'
import { remember } from '../../_shared/idempotency.ts'
import { Problem, notFound } from '../../_shared/problem.ts'
import { database } from '../database.ts'
import { show } from '../show.ts'
import { requireName } from './projects.ts'

const create = createRoute({
  method: 'post',
  path: '/folders',
  summary: 'Make a folder in a project or another folder (contribute)',
  request: { ...jsonBody(NewFolder) },
  responses: { 201: json(Folder, 'Made'), ...problems }
})
const documents = createRoute({
  method: 'get',
  path: '/folders/{id}/documents',
  summary: 'The visible documents of a folder, or of the top of a project, by name or as asked',
  request: { params: z.object({ id: Id }), query: ListQuery },
  responses: { 200: json(pageOf(Document)), ...problems }
})

const Place = z.object({ name: z.string(), id: Id })

export function folderRoutes(app: Api): void {
  app.openapi(create, async (c) => {
    const caller = c.get('caller')
    const { parent_id, name: given } = c.req.valid('json')
    const name = requireName(given)
    const { project_id, kind, own_only } = await requireInProject(
      database,
      caller,
      parent_id,
      'contribute',
      'node'
    )
    // Its name would tell others of whoever made it.
    if (own_only) throw new Problem('forbidden', 'In a place for own uploads only one makes no folders.')

    const folder = await database.transaction([project_id], async (session, acts) => {
      await lockTree(session, project_id)
      // Of a folder that the caller may not see the name is not told either.
      const same = await subfolders(session, caller.id, [parent_id], [name])
      if (same.some((one) => one.level > 0))
        throw new Problem('name_taken', 'A folder of this name is already there.', {
          errors: [{ field: 'name', code: 'taken', detail: 'in use' }]
        })
      const id = await addFolder(session, parent_id, name)
      acts.push({
        action: 'folder.created',
        actor_id: caller.id,
        project_id,
        subject_id: id,
        facts: { parent_id }
      })
      await run(session, 'select announce($1)', [`project:${project_id}`])
      const own = await decide(session, caller, id, 'node')
      if (!own) throw notFound()
      const place = kind === 'project' ? null : parent_id
      const made = Folder.parse({ id, parent_id: place, name, level: own.level })
      await remember(c, session, 201, made)
      return made
    })
    return c.json(folder, 201)
  })

  app.openapi(documents, async (c) => {
    const caller = c.get('caller')
    const { id } = c.req.valid('param')
    const { cursor, limit, ...filter } = c.req.valid('query')
    if (!isPlain(filter)) {
      const after = readCursor(cursor, SortedPlace)
      const project_id = await projectOf(caller, id)
      const found = await database.transaction([project_id], (session) =>
        sortedDocumentsOfFolder(
          session,
          caller.id,
          id,
          { ...filter, ...typesOf(filter.kind) },
          after,
          limit + 1
        )
      )
      const page = pageFrom(found, limit, ({ place_number: number, place_word: word, name, id }) => ({
        ...{ number, word, name, id }
      }))
      const items = page.items.map(({ place_number: _number, place_word: _word, ...one }) => show(one))
      return c.json({ ...page, items }, 200)
    }
    const after = readCursor(cursor, Place)
    const project_id = await projectOf(caller, id)

    const found = await database.transaction([project_id], (session) =>
      documentsOfFolder(session, caller.id, id, after, limit + 1)
    )
    const page = pageFrom(found.map(show), limit, (last) => ({ name: last.name, id: last.id }))
    return c.json(page, 200)
  })
}

/**
 * The project of a folder that may be seen. Of a project nothing itself may be visible but something inside: then its
 * list holds the documents that have no visible folder.
 */
async function projectOf(caller: { id: string }, id: string): Promise<string> {
  const asked_at = performance.now()
  const decision = await decide(database.pool, caller, id, 'node')
  if (decision?.project_id) return decision.project_id
  const reach = await projectsInReach(database.pool, caller.id)
  if (reach.includes(id.toLowerCase())) return id
  return refuseEvenly(asked_at)
}
