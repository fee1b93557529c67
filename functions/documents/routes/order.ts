/** Keeping order: rename, move, throw away, take out of the trash. Several things at once, each with its outcome. */
import { createRoute, z } from '@hono/zod-openapi'
import { requireProof } from '../../_shared/auth/proof.ts'
import type { Caller } from '../../_shared/auth/session.ts'
import type { Action } from '../../_shared/contract/activity.ts'
import { Id } from '../../_shared/contract/common.ts'
import { Gone, MoveWish, Outcomes, Rename, ThingsWish, Trashed } from '../../_shared/contract/order.ts'
import { decide, requireInProject } from '../../_shared/db/access.ts'
import type { Act } from '../../_shared/db/audit.ts'
import { type Session, run } from '../../_shared/db/database.ts'
import { lockTree, subfolders } from '../../_shared/db/project.ts'
import { type Api, json, jsonBody, problems } from '../../_shared/http.ts'
import { amongOwn, freeNames } from '../../_shared/pipeline/free-name.ts'
import { Problem, notFound } from '../../_shared/problem.ts'
import { numberedName } from '../../_shared/rules/name.ts'
import { mayMove, mayTidy } from '../../_shared/rules/order.ts'
import { database } from '../database.ts'
import {
  type Thing,
  empty,
  goneOf,
  liesIn,
  lockDocuments,
  move,
  rename,
  takeOut,
  thingsOf,
  throwAway,
  trashOf
} from '../order.ts'
import { requireName } from './projects.ts'

type Outcome = Outcomes['things'][number]['outcome']

const renaming = createRoute({
  method: 'patch',
  path: '/things/{id}',
  summary: 'Rename a document or folder (manage, or contribute on a document that one brought)',
  request: { params: z.object({ id: Id }), ...jsonBody(Rename) },
  responses: { 204: { description: 'Renamed' }, ...problems }
})
const moving = createRoute({
  method: 'post',
  path: '/things/move',
  summary: 'Move documents and folders within their project (manage; contribute where they go)',
  request: { ...jsonBody(MoveWish) },
  responses: { 200: json(Outcomes), ...problems }
})
const throwing = createRoute({
  method: 'post',
  path: '/things/trash',
  summary: 'Put documents and folders into the trash (manage, or contribute on a document that one brought)',
  request: { ...jsonBody(ThingsWish) },
  responses: { 200: json(Outcomes), ...problems }
})
const restoring = createRoute({
  method: 'post',
  path: '/projects/{id}/trash/restore',
  summary: 'Take documents and folders out of the trash again',
  request: { params: z.object({ id: Id }), ...jsonBody(ThingsWish) },
  responses: { 200: json(Outcomes), ...problems }
})
const trash = createRoute({
  method: 'get',
  path: '/projects/{id}/trash',
  summary: 'What lies in a project’s trash and may be taken out by the asker',
  request: { params: z.object({ id: Id }) },
  responses: { 200: json(z.array(Trashed)), ...problems }
})

const emptying = createRoute({
  method: 'post',
  path: '/projects/{id}/trash/empty',
  summary: 'Remove documents and folders that lie in the trash for good (manage)',
  middleware: [requireProof] as const,
  request: { params: z.object({ id: Id }), ...jsonBody(ThingsWish) },
  responses: { 200: json(Outcomes), ...problems }
})
const gone = createRoute({
  method: 'get',
  path: '/projects/{id}/trash/gone',
  summary: 'What was removed from a project’s trash for good (manage)',
  request: { params: z.object({ id: Id }) },
  responses: { 200: json(z.array(Gone)), ...problems }
})

export function orderRoutes(app: Api): void {
  app.openapi(renaming, async (c) => {
    const caller = c.get('caller')
    const { id } = c.req.valid('param')
    const name = requireName(c.req.valid('json').name)
    const { project_id } = await requireInProject(database, caller, id, 'view', 'any')
    await database.transaction([project_id], async (session, acts) => {
      await lockTree(session, project_id)
      await lockDocuments(session, [id])
      const thing = (await thingsOf(session, caller.id, project_id, [id])).get(id)
      if (!thing || thing.level === 'none') throw notFound()
      if (!mayTidy(thing)) throw new Problem('forbidden', 'You may not rename this.')
      if (thing.name === name) return
      if (!(await isFree(session, caller, thing, name)))
        throw new Problem('name_taken', 'This name is already there.', {
          errors: [{ field: 'name', code: 'taken', detail: 'in use' }]
        })
      await rename(session, thing, name)
      acts.push(actOf('renamed', caller, project_id, thing))
      await run(session, 'select announce($1)', [`project:${project_id}`])
    })
    return c.body(null, 204)
  })

  app.openapi(moving, async (c) => {
    const caller = c.get('caller')
    const { things, folder_id } = c.req.valid('json')
    const { project_id } = await requireInProject(database, caller, folder_id, 'contribute', 'node')
    const outcomes = await forEach(caller, project_id, things, async (session, acts, thing) => {
      if (!mayMove(thing)) return 'forbidden'
      if (thing.place_id === folder_id) return 'done'
      if (thing.kind === 'folder' && (await liesIn(session, folder_id, thing.id))) return 'into_itself'
      await move(session, thing, folder_id, await freeName(session, caller, thing, folder_id))
      acts.push(actOf('moved', caller, project_id, thing, { from: thing.place_id, to: folder_id }))
      return 'done'
    })
    return c.json(outcomes, 200)
  })

  app.openapi(throwing, async (c) => {
    const caller = c.get('caller')
    const { things } = c.req.valid('json')
    const project_id = await projectOf(caller, things)
    const outcomes = await forEach(caller, project_id, things, async (session, acts, thing) => {
      if (!mayTidy(thing)) return 'forbidden'
      if (await throwAway(session, thing, project_id, caller.id))
        acts.push(actOf('trashed', caller, project_id, thing))
      return 'done'
    })
    return c.json(outcomes, 200)
  })

  app.openapi(restoring, async (c) => {
    const caller = c.get('caller')
    const { id } = c.req.valid('param')
    const { project_id } = await requireInProject(database, caller, id, 'view', 'node')
    const { things } = c.req.valid('json')
    const restore: Work = async (session, acts, thing) => {
      if (!mayTidy({ ...thing, level: thing.unlocked })) return 'not_found'
      if (!mayTidy({ ...thing, level: thing.untrashed })) return 'forbidden'
      if (!(await takeOut(session, thing))) return 'not_found'
      acts.push(actOf('restored', caller, project_id, thing))
      return 'done'
    }
    return c.json(await forEach(caller, project_id, things, restore, 'untrashed'), 200)
  })

  app.openapi(emptying, async (c) => {
    const caller = c.get('caller')
    const { id } = c.req.valid('param')
    const { project_id } = await requireInProject(database, caller, id, 'view', 'node')
    const { things } = c.req.valid('json')
    const work: Work = async (session, _acts, thing) => {
      if (thing.untrashed !== 'manage') return 'forbidden'
      return (await empty(session, thing, caller.id)) ? 'done' : 'not_found'
    }
    return c.json(await forEach(caller, project_id, things, work, 'untrashed'), 200)
  })

  app.openapi(gone, async (c) => {
    const caller = c.get('caller')
    const { id } = c.req.valid('param')
    const { project_id } = await requireInProject(database, caller, id, 'view', 'node')
    const found = await database.transaction([project_id], (session) =>
      goneOf(session, caller.id, project_id)
    )
    return c.json(found, 200)
  })

  app.openapi(trash, async (c) => {
    const caller = c.get('caller')
    const { id } = c.req.valid('param')
    const { project_id } = await requireInProject(database, caller, id, 'view', 'node')
    const found = await database.transaction([project_id], (session) =>
      trashOf(session, caller.id, project_id)
    )
    return c.json(found, 200)
  })
}

/** The project of the first of these that the caller may see. */
async function projectOf(caller: Caller, things: string[]): Promise<string> {
  for (const id of things) {
    const decision = await decide(database.pool, caller, id)
    if (decision?.project_id) return decision.project_id
  }
  throw notFound()
}

type Work = (session: Session, acts: Act[], thing: Thing) => Promise<Outcome>

/** Does it for one after the other in one transaction; what the caller may not see is not found. */
async function forEach(
  caller: Caller,
  project_id: string,
  ids: string[],
  work: Work,
  by: 'level' | 'untrashed' = 'level'
): Promise<Outcomes> {
  return database.transaction([project_id], async (session, acts) => {
    await lockTree(session, project_id)
    await lockDocuments(session, ids)
    const found = await thingsOf(session, caller.id, project_id, ids)
    const things: Outcomes['things'] = []
    for (const id of new Set(ids)) {
      const thing = found.get(id)
      const visible = thing !== undefined && thing[by] !== 'none'
      things.push({ id, outcome: visible ? await work(session, acts, thing) : 'not_found' })
    }
    await run(session, 'select announce($1)', [`project:${project_id}`])
    return { things }
  })
}

/** Whether the place where a thing lies has no other of this name, as far as the caller can see. */
async function isFree(session: Session, caller: Caller, thing: Thing, name: string): Promise<boolean> {
  if (thing.kind === 'document')
    return (await freeDocumentName(session, caller, thing.place_id, name)) === name
  const same = await subfolders(session, caller.id, [thing.place_id], [name])
  return !same.some((one) => one.level > 0)
}

async function freeDocumentName(
  session: Session,
  caller: Caller,
  folder_id: string,
  name: string
): Promise<string> {
  const wanted = await amongOwn(session, [{ folder_id, name, person_id: caller.id }])
  return (await freeNames(session, wanted))[0] ?? name
}

/** The thing's name, or "name (2)" where that is taken. */
async function freeName(session: Session, caller: Caller, thing: Thing, folder_id: string): Promise<string> {
  if (thing.kind === 'document') return freeDocumentName(session, caller, folder_id, thing.name)
  for (let form = 1; ; form += 1) {
    const name = numberedName(thing.name, form)
    if (await isFree(session, caller, { ...thing, place_id: folder_id }, name)) return name
  }
}

const actOf = (
  what: 'renamed' | 'moved' | 'trashed' | 'restored',
  caller: Caller,
  project_id: string,
  thing: Thing,
  facts: NonNullable<Act['facts']> = {}
): Act => ({
  action: `${thing.kind}.${what}` satisfies Action,
  actor_id: caller.id,
  project_id,
  document_id: thing.kind === 'document' ? thing.id : null,
  subject_id: thing.id,
  facts
})
