/** Who may do what with a thing: seen and changed by whoever manages it, whatever their role. */
import { createRoute, z } from '@hono/zod-openapi'
import { requireProof } from '../../_shared/auth/proof.ts'
import { requireCaller } from '../../_shared/auth/session.ts'
import { AccessChange, Grant, NewGrant } from '../../_shared/contract/access.ts'
import { Id } from '../../_shared/contract/common.ts'
import { type Decision, decide, refuseEvenly, requireLevel } from '../../_shared/db/access.ts'
import type { Act } from '../../_shared/db/audit.ts'
import { type Session, run } from '../../_shared/db/database.ts'
import { type Api, json, jsonBody, problems } from '../../_shared/http.ts'
import { idempotent, remember } from '../../_shared/idempotency.ts'
import { notFound } from '../../_shared/problem.ts'
import { database } from '../database.ts'
import {
  type Held,
  findGrant,
  giveGrant,
  guardManagers,
  listGrants,
  oneAtATime,
  previewGrant,
  previewRemoval,
  readGrant,
  requirePlace,
  requirePrincipal,
  takeGrant
} from '../grants.ts'

const params = z.object({ id: Id })

const list = createRoute({
  method: 'get',
  path: '/things/{id}/grants',
  summary: 'The grants that speak on a project, folder or document (manage)',
  middleware: [requireCaller(database)] as const,
  request: { params },
  responses: { 200: json(z.array(Grant)), ...problems }
})
const preview = createRoute({
  method: 'post',
  path: '/grants/preview',
  summary: 'Who gains and who loses, were this grant saved (manage)',
  middleware: [requireCaller(database)] as const,
  request: jsonBody(NewGrant),
  responses: { 200: json(z.array(AccessChange)), ...problems }
})
const give = createRoute({
  method: 'post',
  path: '/grants',
  summary: 'Give or deny a level on a thing (manage)',
  middleware: [requireCaller(database), requireProof, idempotent(database)] as const,
  request: jsonBody(NewGrant),
  responses: { 201: json(Grant), ...problems }
})
const removal = createRoute({
  method: 'get',
  path: '/grants/{id}/removal',
  summary: 'Who gains and who loses, were this grant taken away (manage)',
  middleware: [requireCaller(database)] as const,
  request: { params },
  responses: { 200: json(z.array(AccessChange)), ...problems }
})
const take = createRoute({
  method: 'delete',
  path: '/grants/{id}',
  summary: 'Take a grant away (manage)',
  middleware: [requireCaller(database), requireProof] as const,
  request: {
    params,
    query: z.object({
      confirm: z
        .enum(['true', 'false'])
        .default('false')
        .openapi({ description: "Take it although one's own or the last `manage` goes." })
    })
  },
  responses: { 204: { description: 'Taken' }, ...problems }
})

export function grantRoutes(app: Api): void {
  app.openapi(list, async (c) => {
    const { id } = c.req.valid('param')
    const thing = await requireLevel(database, c.var.caller, id, 'manage')
    const grants = await database.transaction(projectsOf(thing), (session) =>
      listGrants(session, c.var.caller.id, id)
    )
    return c.json(grants, 200)
  })

  app.openapi(preview, async (c) => {
    const wish = c.req.valid('json')
    const thing = await requireLevel(database, c.var.caller, wish.thing_id, 'manage')
    requirePlace(wish, thing.kind === 'document')
    const changes = await database.transaction(projectsOf(thing), async (session) => {
      await requirePrincipal(session, c.var.caller.id, wish)
      return previewGrant(session, wish, thing.kind === 'document')
    })
    return c.json(changes, 200)
  })

  app.openapi(give, async (c) => {
    const caller = c.var.caller
    const wish = c.req.valid('json')
    const thing = await requireLevel(database, caller, wish.thing_id, 'manage')
    const isDocument = thing.kind === 'document'
    requirePlace(wish, isDocument)
    const grant = await database.transaction(projectsOf(thing), async (session, acts) => {
      await beginChange(session, caller.id, thing, wish.thing_id)
      await requirePrincipal(session, caller.id, wish)
      const changes = wish.confirm ? [] : await previewGrant(session, wish, isDocument)
      const { id, fresh } = await giveGrant(session, caller.id, wish, isDocument)
      await guardManagers(session, caller.id, changes, wish.valid_from)
      const given = await readGrant(session, caller.id, wish.thing_id, id)
      if (!given) throw notFound()
      if (fresh) {
        acts.push(givenAct(caller.id, thing, given))
        await announceChange(session, thing, given.principal)
      }
      await remember(c, session, 201, given)
      return given
    })
    return c.json(grant, 201)
  })

  app.openapi(removal, async (c) => {
    const { thing, held } = await requireGrant(c.var.caller, c.req.valid('param').id)
    const changes = await database.transaction(projectsOf(thing), (session) =>
      previewRemoval(session, held.id)
    )
    return c.json(changes, 200)
  })

  app.openapi(take, async (c) => {
    const caller = c.var.caller
    const { thing, held } = await requireGrant(caller, c.req.valid('param').id)
    const confirmed = c.req.valid('query').confirm === 'true'
    await database.transaction(projectsOf(thing), async (session, acts) => {
      await beginChange(session, caller.id, thing, held.thing_id)
      if (!(await findGrant(session, held.id))) throw notFound()
      const changes = confirmed ? [] : await previewRemoval(session, held.id)
      await takeGrant(session, held.id)
      await guardManagers(session, caller.id, changes, null)
      acts.push(takenAct(caller.id, thing, held))
      await announceChange(session, thing, { id: held.principal_id, kind: held.principal_kind })
    })
    return c.body(null, 204)
  })
}

const projectsOf = (thing: Decision): string[] => (thing.project_id ? [thing.project_id] : [])

/** Changes come one after the other, and whoever lost `manage` while waiting changes nothing. */
async function beginChange(
  session: Session,
  callerId: string,
  thing: Decision,
  thingId: string
): Promise<void> {
  await oneAtATime(session, thing.project_id)
  const now = await decide(session, { id: callerId }, thingId)
  if (now?.level !== 'manage') throw notFound()
}

/** A grant whose thing the caller manages. Throws not_found for one on a thing that they do not see. */
async function requireGrant(caller: { id: string }, id: string): Promise<{ thing: Decision; held: Held }> {
  const asked_at = performance.now()
  const held = await findGrant(database.pool, id)
  if (!held) return refuseEvenly(asked_at)
  return { held, thing: await requireLevel(database, caller, held.thing_id, 'manage') }
}

async function announceChange(
  session: Session,
  thing: Decision,
  principal: { id: string; kind: string }
): Promise<void> {
  if (thing.project_id) await run(session, 'select announce($1)', [`project:${thing.project_id}`])
  if (principal.kind === 'person') await run(session, 'select announce($1)', [`person:${principal.id}`])
}

/** Ids, levels and windows; the note is people's own words and stays with the grant. */
function givenAct(callerId: string, thing: Decision, grant: z.infer<typeof Grant>): Act {
  const { principal, level, allows, own_only, valid_from, valid_until } = grant
  return {
    action: 'grant.given',
    ...about(callerId, thing, grant.thing.id, principal.id),
    facts: {
      grant_id: grant.id,
      thing_id: grant.thing.id,
      thing_kind: thing.kind,
      principal_kind: principal.kind,
      level,
      allows,
      own_only,
      valid_from,
      valid_until
    }
  }
}

function takenAct(callerId: string, thing: Decision, held: Held): Act {
  const { id, thing_id, principal_kind, level, allows, own_only, valid_from, valid_until } = held
  return {
    action: 'grant.taken',
    ...about(callerId, thing, thing_id, held.principal_id),
    facts: {
      grant_id: id,
      thing_id,
      thing_kind: thing.kind,
      principal_kind,
      level,
      allows,
      own_only,
      valid_from,
      valid_until
    }
  }
}

const about = (actor_id: string, thing: Decision, thingId: string, subject_id: string) => ({
  actor_id,
  project_id: thing.project_id,
  document_id: thing.kind === 'document' ? thingId : null,
  subject_id
})
