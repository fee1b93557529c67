/** Groups of people, for the firm's staff. */
import { createRoute, z } from '@hono/zod-openapi'
import { requireProof } from '../../_shared/auth/proof.ts'
import { type Caller, requireCaller, requireRole } from '../../_shared/auth/session.ts'
import { Id, NamedPageQuery, pageOf } from '../../_shared/contract/common.ts'
import {
  Group,
  GroupLoss,
  GroupPage,
  GroupRename,
  NewGroup,
  NewGroupMember
} from '../../_shared/contract/group.ts'
import type { Act } from '../../_shared/db/audit.ts'
import { type Session, run } from '../../_shared/db/database.ts'
import { type Api, json, jsonBody, problems } from '../../_shared/http.ts'
import { idempotent, remember } from '../../_shared/idempotency.ts'
import { database } from '../database.ts'
import {
  type GroupMove,
  addGroupMember,
  createGroup,
  endGroup,
  groupGain,
  groupLoss,
  listGroups,
  readGroup,
  renameGroup,
  requireGroupChange,
  takeGroupMember
} from '../groups.ts'

const params = z.object({ id: Id })
const memberParams = z.object({ id: Id, member_id: Id })
const page = { 200: json(GroupPage), ...problems }

const list = createRoute({
  method: 'get',
  path: '/groups',
  summary: 'The groups, by name (staff)',
  middleware: [requireCaller(database)] as const,
  request: { query: NamedPageQuery },
  responses: { 200: json(pageOf(Group)), ...problems }
})
const read = createRoute({
  method: 'get',
  path: '/groups/{id}',
  summary: 'A group: who is in it, what is granted to it (staff)',
  middleware: [requireCaller(database)] as const,
  request: { params },
  responses: page
})
const create = createRoute({
  method: 'post',
  path: '/groups',
  summary: 'Make a group (administrators, staff)',
  middleware: [requireCaller(database), idempotent(database)] as const,
  request: jsonBody(NewGroup),
  responses: { 201: json(GroupPage), ...problems }
})
const rename = createRoute({
  method: 'patch',
  path: '/groups/{id}',
  summary: 'Call a group something else (whoever may change it)',
  middleware: [requireCaller(database)] as const,
  request: { params, ...jsonBody(GroupRename) },
  responses: page
})
const add = createRoute({
  method: 'post',
  path: '/groups/{id}/members',
  summary: 'Let a person or another group into a group (whoever may change it)',
  middleware: [requireCaller(database), requireProof, idempotent(database)] as const,
  request: { params, ...jsonBody(NewGroupMember) },
  responses: { 201: json(GroupPage), ...problems }
})
const gain = createRoute({
  method: 'post',
  path: '/groups/{id}/members/preview',
  summary: 'Who would hold more, were this person or group let in; nothing changes (whoever may change it)',
  middleware: [requireCaller(database)] as const,
  request: { params, ...jsonBody(NewGroupMember) },
  responses: { 200: json(GroupLoss), ...problems }
})
const loss = createRoute({
  method: 'get',
  path: '/groups/{id}/loss',
  summary: 'What would be lost without this member, or without the group (whoever may change it)',
  middleware: [requireCaller(database)] as const,
  request: { params, query: z.object({ member_id: Id.optional() }) },
  responses: { 200: json(GroupLoss), ...problems }
})
const take = createRoute({
  method: 'delete',
  path: '/groups/{id}/members/{member_id}',
  summary: 'Take a person or group out of a group (whoever may change it)',
  middleware: [requireCaller(database), requireProof] as const,
  request: { params: memberParams },
  responses: page
})
const end = createRoute({
  method: 'delete',
  path: '/groups/{id}',
  summary: 'Give a group up with all that was granted to it (whoever may change it)',
  middleware: [requireCaller(database), requireProof] as const,
  request: { params },
  responses: { 204: { description: 'Given up' }, ...problems }
})

/** The change with its acts, then who is told. */
function change<T>(
  caller: Caller,
  id: string,
  move: GroupMove,
  work: (session: Session, acts: Act[]) => Promise<T>
): Promise<T> {
  requireRole(caller, 'administrator', 'staff')
  return database.transaction([], async (session, acts) => {
    await requireGroupChange(session, caller.id, id, move)
    const done = await work(session, acts)
    await run(session, 'select announce($1)', [`person:${caller.id}`])
    return done
  })
}

export function groupRoutes(app: Api): void {
  app.openapi(list, async (c) => {
    requireRole(c.var.caller, 'administrator', 'staff', 'assistant', 'auditor')
    return c.json(await listGroups(database.pool, c.req.valid('query')), 200)
  })

  app.openapi(read, async (c) => {
    requireRole(c.var.caller, 'administrator', 'staff', 'assistant', 'auditor')
    return c.json(await readGroup(database.pool, c.var.caller.id, c.req.valid('param').id), 200)
  })

  app.openapi(create, async (c) => {
    const { caller } = c.var
    requireRole(caller, 'administrator', 'staff')
    const made = await database.transaction([], async (session, acts) => {
      const id = await createGroup(session, c.req.valid('json').name)
      acts.push({ action: 'group.created', actor_id: caller.id, subject_id: id })
      await run(session, 'select announce($1)', [`person:${caller.id}`])
      const done = await readGroup(session, caller.id, id)
      await remember(c, session, 201, done)
      return done
    })
    return c.json(made, 201)
  })

  changeRoutes(app)
}

function changeRoutes(app: Api): void {
  app.openapi(rename, async (c) => {
    const [{ caller }, { id }] = [c.var, c.req.valid('param')]
    const done = await change(caller, id, {}, async (session, acts) => {
      if (await renameGroup(session, id, c.req.valid('json').name))
        acts.push({ action: 'group.renamed', actor_id: caller.id, subject_id: id })
      return readGroup(session, caller.id, id)
    })
    return c.json(done, 200)
  })

  app.openapi(add, async (c) => {
    const [{ caller }, { id }] = [c.var, c.req.valid('param')]
    const wish = c.req.valid('json')
    const done = await change(caller, id, { newcomer: wish.id }, async (session, acts) => {
      await addGroupMember(session, caller.id, id, wish)
      const { kind, valid_from, valid_until } = wish
      const facts = { group_id: id, kind, valid_from, valid_until }
      acts.push({ action: 'group.joined', actor_id: caller.id, subject_id: wish.id, facts })
      if (kind === 'person') await run(session, 'select announce($1)', [`person:${wish.id}`])
      const body = await readGroup(session, caller.id, id)
      await remember(c, session, 201, body)
      return body
    })
    return c.json(done, 201)
  })

  app.openapi(gain, async (c) => {
    const [{ caller }, { id }] = [c.var, c.req.valid('param')]
    const wish = c.req.valid('json')
    const gained = await change(caller, id, { newcomer: wish.id }, (session) =>
      groupGain(session, caller.id, id, wish)
    )
    return c.json(gained, 200)
  })

  app.openapi(loss, async (c) => {
    const [{ caller }, { id }] = [c.var, c.req.valid('param')]
    const { member_id } = c.req.valid('query')
    const lost = await change(caller, id, {}, (session) =>
      groupLoss(session, caller.id, id, member_id ?? null)
    )
    return c.json(lost, 200)
  })

  app.openapi(take, async (c) => {
    const [{ caller }, { id, member_id }] = [c.var, c.req.valid('param')]
    const done = await change(caller, id, { leaver: member_id }, async (session, acts) => {
      await takeGroupMember(session, id, member_id)
      const facts = { group_id: id }
      acts.push({ action: 'group.left', actor_id: caller.id, subject_id: member_id, facts })
      await run(session, 'select announce($1)', [`person:${member_id}`])
      return readGroup(session, caller.id, id)
    })
    return c.json(done, 200)
  })

  app.openapi(end, async (c) => {
    const [{ caller }, { id }] = [c.var, c.req.valid('param')]
    await change(caller, id, { leaver: id }, (session, acts) => endGroup(session, caller.id, id, acts))
    return c.body(null, 204)
  })
}
