/** Projects: the overview, one with its folders, a new one. */
import { createRoute, z } from '@hono/zod-openapi'
import { requireRole } from '../../_shared/auth/session.ts'
import { Id, Time, levelNumber, levelOf, pageOf } from '../../_shared/contract/common.ts'
import { NewProject, Project, ProjectQuery, ProjectTree } from '../../_shared/contract/document.ts'
import { pageFrom, readCursor } from '../../_shared/cursor.ts'
import { refuseEvenly } from '../../_shared/db/access.ts'
import { run, seeProjects } from '../../_shared/db/database.ts'
import {
  addGrant,
  addProject,
  knowsOrganisation,
  projectById,
  projectTree,
  projectsInReach,
  reachOf,
  visibleProjects
} from '../../_shared/db/project.ts'
import { type Api, json, jsonBody, problems } from '../../_shared/http.ts'
import { remember } from '../../_shared/idempotency.ts'
import { Problem, notFound } from '../../_shared/problem.ts'
import { cleanName } from '../../_shared/rules/name.ts'
import { database } from '../database.ts'

const list = createRoute({
  method: 'get',
  path: '/projects',
  summary: 'Projects in which one can see anything, the one with the newest arrival first',
  request: { query: ProjectQuery },
  responses: { 200: json(pageOf(Project)), ...problems }
})
const create = createRoute({
  method: 'post',
  path: '/projects',
  summary: 'Make a project (staff); its client may contribute from the start',
  request: { ...jsonBody(NewProject) },
  responses: { 201: json(Project, 'Made'), ...problems }
})
const read = createRoute({
  method: 'get',
  path: '/projects/{id}',
  summary: 'A project and its visible folders',
  request: { params: z.object({ id: Id }) },
  responses: { 200: json(ProjectTree), ...problems }
})

const Place = z.object({ place: Time, id: Id })

export function projectRoutes(app: Api): void {
  app.openapi(list, async (c) => {
    const { cursor, limit, ...wish } = c.req.valid('query')
    const after = readCursor(cursor, Place)
    const caller = c.get('caller')
    const found = await database.transaction([], async (session) => {
      const reach = await reachOf(session, caller.id)
      await seeProjects(session, reach.ids)
      return visibleProjects(session, caller.id, reach, after, { ...wish, limit: limit + 1 })
    })
    const { items, next } = pageFrom(found, limit, ({ place, id }) => ({ place, id }))
    return c.json({ items: items.map((row) => Project.parse(row)), next }, 200)
  })

  app.openapi(create, async (c) => {
    const caller = c.get('caller')
    requireRole(caller, 'administrator', 'staff')
    const { name: given, client_id } = c.req.valid('json')
    const name = requireName(given)

    const project = await database.transaction([], async (session, acts) => {
      if (client_id && !(await knowsOrganisation(session, caller.id, client_id)))
        throw new Problem('invalid_request', 'There is no such client.', {
          errors: [{ field: 'client_id', code: 'not_found', detail: 'no such organisation' }]
        })
      const id = await addProject(session, client_id, name)
      const grants = [
        { person_id: caller.id, organisation_id: null, level: levelNumber('manage') },
        ...(client_id
          ? [{ person_id: null, organisation_id: client_id, level: levelNumber('contribute') }]
          : [])
      ]
      acts.push({ action: 'project.created', actor_id: caller.id, project_id: id, facts: { client_id } })
      for (const grant of grants) {
        const grant_id = await addGrant(session, { ...grant, node_id: id, given_by: caller.id })
        acts.push({
          action: 'grant.given',
          actor_id: caller.id,
          project_id: id,
          subject_id: grant.person_id ?? grant.organisation_id,
          facts: { grant_id, thing_id: id, level: levelOf(grant.level), allows: true }
        })
      }
      await run(session, 'select announce($1)', [`person:${caller.id}`])
      const head = await projectById(session, id)
      if (!head) throw notFound()
      const made = { ...head, level: 'manage' as const, last_received_at: null }
      await remember(c, session, 201, made)
      return made
    })
    return c.json(project, 201)
  })

  app.openapi(read, async (c) => {
    const caller = c.get('caller')
    const { id } = c.req.valid('param')
    const asked_at = performance.now()
    const tree = await database.transaction([id], async (session) => {
      const nodes = await projectTree(session, caller.id, id)
      if (nodes.length === 0 && !(await projectsInReach(session, caller.id)).includes(id.toLowerCase()))
        return refuseEvenly(asked_at)
      const head = await projectById(session, id)
      if (!head) throw notFound()
      const top = nodes.find((node) => node.kind === 'project')
      const folders = nodes.filter((node) => node.kind === 'folder')
      return {
        ...head,
        level: top?.level ?? null,
        own_only: top?.own_only ?? false,
        lock: top?.lock ?? null,
        four_eyes: top?.four_eyes ?? false,
        folders: folders.map(({ parent_id, kind: _kind, ...one }) => ({
          ...one,
          parent_id: parent_id === top?.id ? null : parent_id
        }))
      }
    })
    return c.json(tree, 200)
  })
}

/** A name that can be kept, or `invalid_request` naming the field. */
export function requireName(given: string): string {
  const name = cleanName(given)
  if (name === null)
    throw new Problem('invalid_request', 'Nothing of this name can be kept.', {
      errors: [{ field: 'name', code: 'unusable', detail: 'no usable characters' }]
    })
  return name
}
