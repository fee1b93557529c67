/** Questions and answers beside documents: whoever may see a document may ask about it. */
import { createRoute, z } from '@hono/zod-openapi'
import { Comment, NewComment } from '../../_shared/contract/comment.ts'
import { Id, PageQuery, pageOf } from '../../_shared/contract/common.ts'
import { pageFrom, readCursor } from '../../_shared/cursor.ts'
import { requireInProject } from '../../_shared/db/access.ts'
import { run } from '../../_shared/db/database.ts'
import { type Api, json, jsonBody, problems } from '../../_shared/http.ts'
import { remember } from '../../_shared/idempotency.ts'
import { Problem, notFound } from '../../_shared/problem.ts'
import { addComment, allMaySee, commentOn, commentsOn, takeBack } from '../comments.ts'
import { database } from '../database.ts'

const list = createRoute({
  method: 'get',
  path: '/documents/{id}/comments',
  summary: 'Comments on a document, the newest first (view)',
  request: { params: z.object({ id: Id }), query: PageQuery },
  responses: { 200: json(pageOf(Comment)), ...problems }
})
const write = createRoute({
  method: 'post',
  path: '/comments',
  summary: 'Comment on one or several documents of a project (view)',
  request: { ...jsonBody(NewComment) },
  responses: { 201: json(Comment, 'Written'), ...problems }
})
const remove = createRoute({
  method: 'delete',
  path: '/documents/{id}/comments/{comment}',
  summary: 'Take one’s own comment back: its text goes, that there was one stays',
  request: { params: z.object({ id: Id, comment: Id }) },
  responses: { 204: { description: 'Taken back' }, ...problems }
})

const Place = z.object({ id: Id })

export function commentRoutes(app: Api): void {
  app.openapi(list, async (c) => {
    const caller = c.get('caller')
    const { id } = c.req.valid('param')
    const { cursor, limit } = c.req.valid('query')
    const place = readCursor(cursor, Place)
    const { project_id } = await requireInProject(database, caller, id, 'view', 'document')
    const found = await database.transaction([project_id], (session) =>
      commentsOn(session, caller.id, id, place?.id ?? null, limit + 1)
    )
    return c.json(
      pageFrom(found, limit, ({ id: last }) => ({ id: last })),
      200
    )
  })

  app.openapi(write, async (c) => {
    const caller = c.get('caller')
    const wish = c.req.valid('json')
    const documents = [...new Set(wish.documents)]
    const mentions = [...new Set(wish.mentions)].filter((one) => one !== caller.id)
    const [first = ''] = documents
    const { project_id } = await requireInProject(database, caller, first, 'view', 'document')
    for (const id of documents.slice(1)) {
      const other = await requireInProject(database, caller, id, 'view', 'document')
      if (other.project_id !== project_id) throw notFound()
    }

    const written = await database.transaction([project_id], async (session, acts) => {
      if (!(await allMaySee(session, mentions, documents)))
        throw new Problem('invalid_request', 'Somebody who is mentioned cannot see this.', {
          errors: [{ field: 'mentions', code: 'no_access', detail: 'cannot see every document' }]
        })
      const id = await addComment(session, project_id, caller.id, { documents, mentions, text: wish.text })
      for (const document_id of documents)
        acts.push({
          action: 'comment.written',
          actor_id: caller.id,
          project_id,
          document_id,
          subject_id: id,
          facts: { mentions: mentions.length }
        })
      await run(session, 'select announce($1)', [`project:${project_id}`])
      const own = await commentOn(session, caller.id, first, id)
      if (!own) throw notFound()
      await remember(c, session, 201, own)
      return own
    })
    return c.json(written, 201)
  })

  app.openapi(remove, async (c) => {
    const caller = c.get('caller')
    const { id, comment } = c.req.valid('param')
    const { project_id } = await requireInProject(database, caller, id, 'view', 'document')
    await database.transaction([project_id], async (session, acts) => {
      const documents = await takeBack(session, comment, caller.id)
      if (!documents?.includes(id)) throw notFound()
      for (const document_id of documents)
        acts.push({
          action: 'comment.taken_back',
          actor_id: caller.id,
          project_id,
          document_id,
          subject_id: comment
        })
      await run(session, 'select announce($1)', [`project:${project_id}`])
    })
    return c.body(null, 204)
  })
}
