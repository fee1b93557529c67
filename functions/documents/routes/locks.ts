/** Locks: set by whoever manages a thing, lifted by whoever would manage it without them. */
import { createRoute, z } from '@hono/zod-openapi'
import { requireOwnEyes } from '../../_shared/auth/session.ts'
import { requireProof } from '../../_shared/auth/proof.ts'
import { Id } from '../../_shared/contract/common.ts'
import { Lock, LockException, LockQuery, NewLock } from '../../_shared/contract/lock.ts'
import { refuseEvenly, requireInProject } from '../../_shared/db/access.ts'
import type { Act } from '../../_shared/db/audit.ts'
import { run } from '../../_shared/db/database.ts'
import { projectsManaged } from '../../_shared/db/project.ts'
import { type Api, json, jsonBody, problems } from '../../_shared/http.ts'
import { remember } from '../../_shared/idempotency.ts'
import { Problem, notFound } from '../../_shared/problem.ts'
import { lockPlan } from '../../_shared/rules/lock.ts'
import { database } from '../database.ts'
import { addLock, endLock, liftable, locksOf, noteAnnounced, passOver } from '../locks.ts'

const params = z.object({ id: Id })

const list = createRoute({
  method: 'get',
  path: '/locks',
  summary: 'The locks that one may lift, also of what they take out of sight',
  request: { query: LockQuery },
  responses: { 200: json(z.array(Lock)), ...problems }
})
const set = createRoute({
  method: 'post',
  path: '/locks',
  summary:
    'Lock a project, folder or document at a date, or documents some days after upload or change (manage)',
  middleware: [requireProof] as const,
  request: { ...jsonBody(NewLock) },
  responses: { 201: json(Lock, 'Set'), ...problems }
})
const lift = createRoute({
  method: 'delete',
  path: '/locks/{id}',
  summary: 'Lift a lock (whoever would manage the thing without it)',
  middleware: [requireProof] as const,
  request: { params },
  responses: { 204: { description: 'Lifted' }, ...problems }
})
const except = createRoute({
  method: 'post',
  path: '/locks/{id}/exceptions',
  summary: 'Take one document out of a lock that counts days (whoever may lift it)',
  middleware: [requireProof] as const,
  request: { params, ...jsonBody(LockException) },
  responses: { 204: { description: 'It passes over the document' }, ...problems }
})

export function lockRoutes(app: Api): void {
  app.openapi(list, async (c) => {
    const caller = c.get('caller')
    const { project_id } = c.req.valid('query')
    const managed = await projectsManaged(database.pool, caller.id)
    const projects = managed.filter((id) => !project_id || id === project_id.toLowerCase())
    const found = await database.transaction(projects, (session) => locksOf(session, caller.id, projects))
    return c.json(found, 200)
  })

  app.openapi(set, async (c) => {
    const caller = c.get('caller')
    const wish = c.req.valid('json')
    const { project_id, kind } = await requireInProject(database, caller, wish.thing_id, 'manage', 'any')
    if (kind === 'firm') throw notFound()
    const plan = lockPlan(wish, new Date())
    const lock = await database.transaction([project_id], async (session, acts) => {
      const made = await addLock(session, caller.id, kind, wish, plan)
      const about = aboutThing(project_id, kind, made.thing_id)
      const { hides, counts_from, days, notice_days } = wish
      const facts = { lock_id: made.id, thing_id: made.thing_id, hides, counts_from, days, notice_days }
      acts.push({
        action: 'lock.set',
        actor_id: caller.id,
        ...about,
        facts: { ...facts, from: made.begins_at }
      })
      if (plan.told_now) {
        await noteAnnounced(session, made)
        acts.push({
          action: 'lock.coming',
          actor_id: null,
          ...about,
          facts: { ...facts, from: made.begins_at }
        })
      }
      await run(session, 'select announce($1)', [`project:${project_id}`])
      const [told] = await locksOf(session, caller.id, [project_id], made.id)
      if (!told) throw notFound()
      await remember(c, session, 201, told)
      return told
    })
    return c.json(lock, 201)
  })

  app.openapi(lift, async (c) => {
    const caller = c.get('caller')
    requireOwnEyes(caller)
    const { id } = c.req.valid('param')
    const asked_at = performance.now()
    const place = await liftable(database.pool, caller.id, id)
    if (!place) return refuseEvenly(asked_at)
    await database.transaction([place.project_id], async (session, acts) => {
      if (!(await endLock(session, id))) return
      const facts = { lock_id: id, thing_id: place.thing_id }
      const about = aboutThing(place.project_id, place.kind, place.thing_id)
      acts.push({ action: 'lock.lifted', actor_id: caller.id, ...about, facts })
      await run(session, 'select announce($1)', [`project:${place.project_id}`])
    })
    return c.body(null, 204)
  })

  app.openapi(except, async (c) => {
    const caller = c.get('caller')
    requireOwnEyes(caller)
    const { id } = c.req.valid('param')
    const { document_id } = c.req.valid('json')
    const asked_at = performance.now()
    const place = await liftable(database.pool, caller.id, id)
    if (!place) return refuseEvenly(asked_at)
    await database.transaction([place.project_id], async (session, acts) => {
      if (!(await passOver(session, id, document_id, caller.id)))
        throw new Problem('conflict', 'This lock does not lie on the document.')
      const about = aboutThing(place.project_id, 'document', document_id)
      acts.push({ action: 'lock.passed_over', actor_id: caller.id, ...about, facts: { lock_id: id } })
      await run(session, 'select announce($1)', [`project:${place.project_id}`])
    })
    return c.body(null, 204)
  })
}

const aboutThing = (
  project_id: string,
  kind: string,
  thing_id: string
): Pick<Act, 'project_id' | 'document_id' | 'subject_id'> => ({
  project_id,
  document_id: kind === 'document' ? thing_id : null,
  subject_id: thing_id
})
