/** Who can see this: whoever may see a thing may know who else does, and why. */
import { createRoute, z } from '@hono/zod-openapi'
import { PersonWithAccess } from '../../_shared/contract/access.ts'
import { Id } from '../../_shared/contract/common.ts'
import { type Sort, peopleWithAccess, requireInProject } from '../../_shared/db/access.ts'
import { type Api, json, problems } from '../../_shared/http.ts'
import { database } from '../database.ts'

const ask = (path: '/documents/{id}/people' | '/things/{id}/people', summary: string) =>
  createRoute({
    method: 'get',
    path,
    summary,
    request: { params: z.object({ id: Id }) },
    responses: { 200: json(z.array(PersonWithAccess)), ...problems }
  })

const ofDocument = ask('/documents/{id}/people', 'Who can see a document, how far, and through what')
const ofThing = ask('/things/{id}/people', 'Who can see a project or folder, how far, and through what')

export function peopleRoutes(app: Api): void {
  app.openapi(ofDocument, async (c) =>
    c.json(await peopleOf(c.get('caller'), c.req.valid('param').id, 'document'), 200)
  )
  app.openapi(ofThing, async (c) =>
    c.json(await peopleOf(c.get('caller'), c.req.valid('param').id, 'node'), 200)
  )
}

async function peopleOf(caller: { id: string }, id: string, sort: Sort): Promise<PersonWithAccess[]> {
  const { project_id } = await requireInProject(database, caller, id, 'view', sort)
  return database.transaction([project_id], (session) => peopleWithAccess(session, caller.id, id))
}
