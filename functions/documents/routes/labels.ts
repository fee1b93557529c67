/** What people note about documents: for everybody (tags, description), and for themselves (favourites, what is read). */
import { createRoute, z } from '@hono/zod-openapi'
import { Id } from '../../_shared/contract/common.ts'
import { Document } from '../../_shared/contract/document.ts'
import { Describe } from '../../_shared/contract/label.ts'
import { requireInProject } from '../../_shared/db/access.ts'
import { run } from '../../_shared/db/database.ts'
import { documentById } from '../../_shared/db/document.ts'
import { type Api, json, jsonBody, problems } from '../../_shared/http.ts'
import { Problem, notFound } from '../../_shared/problem.ts'
import { mayTidy } from '../../_shared/rules/order.ts'
import { database } from '../database.ts'
import { describe, readAll, remembered, setFavourite, tagsOf } from '../labels.ts'
import { show } from '../show.ts'

const params = z.object({ id: Id })
const FAVOURITES = 50
const LAST_OPENED = 10

const describing = createRoute({
  method: 'put',
  path: '/documents/{id}/labels',
  summary: 'Set tags and description (manage, or contribute on a document that one brought)',
  request: { params, ...jsonBody(Describe) },
  responses: { 200: json(Document), ...problems }
})
const tags = createRoute({
  method: 'get',
  path: '/projects/{id}/tags',
  summary: 'The tags of the documents of a project that one may see',
  request: { params },
  responses: { 200: json(z.array(z.string())), ...problems }
})
const favourite = createRoute({
  method: 'put',
  path: '/documents/{id}/favourite',
  summary: 'Make a document a favourite of one’s own',
  request: { params },
  responses: { 204: { description: 'It is one' }, ...problems }
})
const noFavourite = createRoute({
  method: 'delete',
  path: '/documents/{id}/favourite',
  summary: 'Take a document off one’s favourites',
  request: { params },
  responses: { 204: { description: 'It is none' }, ...problems }
})
const favourites = createRoute({
  method: 'get',
  path: '/favourites',
  summary: `One’s favourites that one may still see, the newest ${FAVOURITES}`,
  responses: { 200: json(z.array(Document)), ...problems }
})
const recent = createRoute({
  method: 'get',
  path: '/recent',
  summary: `What one opened last and may still see, the newest ${LAST_OPENED}`,
  responses: { 200: json(z.array(Document)), ...problems }
})
const read = createRoute({
  method: 'post',
  path: '/projects/{id}/read',
  summary: 'Nothing that is in the project now is new to one any more',
  request: { params },
  responses: { 204: { description: 'Noted' }, ...problems }
})

export function labelRoutes(app: Api): void {
  app.openapi(describing, async (c) => {
    const caller = c.get('caller')
    const { id } = c.req.valid('param')
    const wish = c.req.valid('json')
    const { project_id, level } = await requireInProject(database, caller, id, 'view', 'document')
    const described = await database.transaction([project_id], async (session, acts) => {
      const before = await documentById(session, caller.id, id, level)
      if (!before) throw notFound()
      if (!mayTidy({ kind: 'document', level, own: before.created_by?.id === caller.id }))
        throw new Problem('forbidden', 'You may not describe this.')
      if (!(await describe(session, id, wish)))
        throw new Problem('conflict', 'Somebody has changed this meanwhile.')
      acts.push({
        action: 'document.described',
        actor_id: caller.id,
        project_id,
        document_id: id,
        subject_id: id,
        facts: { tags: wish.tags.length, letters: wish.description.length }
      })
      await run(session, 'select announce($1)', [`project:${project_id}`])
      return documentById(session, caller.id, id, level)
    })
    if (!described) throw notFound()
    return c.json(show(described), 200)
  })

  app.openapi(tags, async (c) => {
    const caller = c.get('caller')
    const { project_id } = await requireInProject(database, caller, c.req.valid('param').id, 'view', 'node')
    const found = await database.transaction([project_id], (session) =>
      tagsOf(session, caller.id, project_id)
    )
    return c.json(found, 200)
  })

  for (const [route, on] of [
    [favourite, true],
    [noFavourite, false]
  ] as const)
    app.openapi(route, async (c) => {
      const caller = c.get('caller')
      const { id } = c.req.valid('param')
      const { project_id } = await requireInProject(database, caller, id, 'view', 'document')
      await database.transaction([project_id], (session) =>
        setFavourite(session, caller.id, { id, project_id }, on)
      )
      return c.body(null, 204)
    })

  app.openapi(favourites, async (c) => {
    const found = await remembered(database, c.get('caller').id, 'favourites', FAVOURITES)
    return c.json(found.map(show), 200)
  })

  app.openapi(recent, async (c) => {
    const found = await remembered(database, c.get('caller').id, 'last_opened', LAST_OPENED)
    return c.json(found.map(show), 200)
  })

  app.openapi(read, async (c) => {
    const caller = c.get('caller')
    const { project_id } = await requireInProject(database, caller, c.req.valid('param').id, 'view', 'node')
    await database.transaction([project_id], (session) => readAll(session, caller.id, project_id))
    return c.body(null, 204)
  })
}
