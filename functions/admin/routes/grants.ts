/** Who may do what with a thing: seen and changed by whoever manages it, whatever their role. */
import { createRoute, z } from '@hono/zod-openapi'
import { requireProof } from '../../_shared/auth/proof.ts'
import { requireCaller } from '../../_shared/auth/session.ts'
import {
  AccessTrial,
  Grant,
  GrantChange,
  GrantPage,
  NameQuery,
  NewGrant
} from '../../_shared/contract/access.ts'
import { Id } from '../../_shared/contract/common.ts'
import { type Managed, refuseEvenly, requireManaged } from '../../_shared/db/access.ts'
import type { Session } from '../../_shared/db/database.ts'
import { type Api, json, jsonBody, problems } from '../../_shared/http.ts'
import { idempotent, remember } from '../../_shared/idempotency.ts'
import { Problem, notFound } from '../../_shared/problem.ts'
import { isOver } from '../../_shared/rules/trial.ts'
import { announceChange, beginChange, changedAct, givenAct, projectsOf, takenAct } from '../changes.ts'
import { database } from '../database.ts'
import {
  type Held,
  changeGrant,
  changedMeanwhile,
  findGrant,
  giveGrant,
  isAsWished,
  listGrants,
  readGrant,
  requireNarrow,
  requirePlace,
  requirePrincipal,
  takeGrant
} from '../grants.ts'
import { guardManagers, tryChange, tryGiving, tryTaking } from '../trials.ts'

const params = z.object({ id: Id })
const trial = { 200: json(AccessTrial), ...problems }

const list = createRoute({
  method: 'get',
  path: '/things/{id}/grants',
  summary: 'The grants that speak on a project, folder or document, the nearest first (manage)',
  middleware: [requireCaller(database)] as const,
  request: { params, query: NameQuery },
  responses: { 200: json(GrantPage), ...problems }
})
const read = createRoute({
  method: 'get',
  path: '/grants/{id}',
  summary: 'One grant (manage)',
  middleware: [requireCaller(database)] as const,
  request: { params },
  responses: { 200: json(Grant), ...problems }
})
const preview = createRoute({
  method: 'post',
  path: '/grants/preview',
  summary: 'Who gains and who loses, and when, were this grant saved (manage)',
  middleware: [requireCaller(database)] as const,
  request: jsonBody(NewGrant),
  responses: trial
})
const give = createRoute({
  method: 'post',
  path: '/grants',
  summary: 'Give or deny a level on a thing (manage)',
  middleware: [requireCaller(database), requireProof, idempotent(database)] as const,
  request: jsonBody(NewGrant),
  responses: { 201: json(Grant), ...problems }
})
const changePreview = createRoute({
  method: 'post',
  path: '/grants/{id}/preview',
  summary: 'Who gains and who loses, and when, were this grant changed (manage)',
  middleware: [requireCaller(database)] as const,
  request: { params, ...jsonBody(GrantChange) },
  responses: trial
})
const change = createRoute({
  method: 'patch',
  path: '/grants/{id}',
  summary: 'Change level, effect, window or note of a grant (manage)',
  middleware: [requireCaller(database), requireProof] as const,
  request: { params, ...jsonBody(GrantChange) },
  responses: { 200: json(Grant), ...problems }
})
const removal = createRoute({
  method: 'get',
  path: '/grants/{id}/removal',
  summary: 'Who gains and who loses, and when, were this grant taken away (manage)',
  middleware: [requireCaller(database)] as const,
  request: { params },
  responses: trial
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
        .openapi({ description: "Take it although one's own or the last `manage` goes." }),
      revision: z.coerce
        .number()
        .int()
        .min(1)
        .optional()
        .openapi({ description: 'The one that was looked at; `grant_changed` when there is another.' })
    })
  },
  responses: { 204: { description: 'Taken' }, ...problems }
})

export function grantRoutes(app: Api): void {
  app.openapi(list, async (c) => {
    const { id } = c.req.valid('param')
    const thing = await requireManaged(database, c.var.caller, id)
    const grants = await database.transaction(projectsOf(thing), (session) =>
      listGrants(session, c.var.caller.id, id, c.req.valid('query'))
    )
    return c.json(grants, 200)
  })

  app.openapi(read, async (c) => {
    const { thing, held } = await requireGrant(c.var.caller, c.req.valid('param').id)
    const grant = await database.transaction(projectsOf(thing), (session) =>
      readGrant(session, c.var.caller.id, held.thing_id, held.id)
    )
    if (!grant) throw notFound()
    return c.json(grant, 200)
  })

  app.openapi(preview, async (c) => {
    const wish = c.req.valid('json')
    const thing = await requireManaged(database, c.var.caller, wish.thing_id)
    requirePlace(wish, thing.kind === 'document')
    refusePast(wish)
    const found = await database.transaction(projectsOf(thing), async (session) => {
      await requirePrincipal(session, c.var.caller.id, wish)
      return tryGiving(session, c.var.caller.id, wish, thing.kind === 'document')
    })
    return c.json(found, 200)
  })

  app.openapi(give, async (c) => {
    const caller = c.var.caller
    const wish = c.req.valid('json')
    const thing = await requireManaged(database, caller, wish.thing_id)
    refusePast(wish)
    const isDocument = thing.kind === 'document'
    requirePlace(wish, isDocument)
    const grant = await database.transaction(projectsOf(thing), async (session, acts) => {
      await beginChange(session, caller.id, thing, wish.thing_id)
      await requirePrincipal(session, caller.id, wish)
      if (!wish.confirm) guardManagers(await tryGiving(session, caller.id, wish, isDocument))
      const { id, fresh } = await giveGrant(session, caller.id, wish, isDocument)
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

  app.openapi(changePreview, async (c) => {
    const wish = c.req.valid('json')
    const { thing, held } = await requireGrant(c.var.caller, c.req.valid('param').id)
    requireNarrow(held, wish)
    refusePast(wish)
    const found = await database.transaction(projectsOf(thing), async (session) => {
      const now = await readAgain(session, held.id)
      if (now.revision !== wish.revision) throw changedMeanwhile()
      await requirePrincipal(session, c.var.caller.id, now)
      return tryChange(session, c.var.caller.id, now, wish)
    })
    return c.json(found, 200)
  })

  app.openapi(change, async (c) => {
    const caller = c.var.caller
    const wish = c.req.valid('json')
    const { thing, held } = await requireGrant(caller, c.req.valid('param').id)
    requireNarrow(held, wish)
    refusePast(wish)
    const grant = await database.transaction(projectsOf(thing), async (session, acts) => {
      await beginChange(session, caller.id, thing, held.thing_id)
      const before = await readAgain(session, held.id)
      // A second press of the same button is no quarrel.
      const pressedTwice = before.revision === wish.revision + 1 && isAsWished(before, wish, caller.id)
      if (!pressedTwice) {
        await requirePrincipal(session, caller.id, before)
        if (before.revision !== wish.revision) throw changedMeanwhile()
        if (!wish.confirm) guardManagers(await tryChange(session, caller.id, before, wish))
        await changeGrant(session, caller.id, held.id, wish)
      }
      const changed = await readGrant(session, caller.id, held.thing_id, held.id)
      if (!changed) throw notFound()
      if (!pressedTwice) {
        acts.push(changedAct(caller.id, thing, before, changed))
        await announceChange(session, thing, changed.principal)
      }
      return changed
    })
    return c.json(grant, 200)
  })

  app.openapi(removal, async (c) => {
    const { thing, held } = await requireGrant(c.var.caller, c.req.valid('param').id)
    const found = await database.transaction(projectsOf(thing), async (session) =>
      tryTaking(session, c.var.caller.id, await readAgain(session, held.id))
    )
    return c.json(found, 200)
  })

  app.openapi(take, async (c) => {
    const caller = c.var.caller
    const { thing, held } = await requireGrant(caller, c.req.valid('param').id)
    const { confirm, revision } = c.req.valid('query')
    await database.transaction(projectsOf(thing), async (session, acts) => {
      await beginChange(session, caller.id, thing, held.thing_id)
      const now = await readAgain(session, held.id)
      if (revision !== undefined && now.revision !== revision) throw changedMeanwhile()
      if (confirm !== 'true') guardManagers(await tryTaking(session, caller.id, now))
      await takeGrant(session, held.id)
      acts.push(takenAct(caller.id, thing, now))
      await announceChange(session, thing, { id: now.principal_id, kind: now.principal_kind })
    })
    return c.body(null, 204)
  })
}

/** The grant as it is inside the transaction. Throws not_found when it was taken away meanwhile. */
async function readAgain(session: Session, id: string): Promise<Held> {
  const held = await findGrant(session, id)
  if (!held) throw notFound()
  return held
}

/** Throws invalid_request, field `valid_until`, for what would be over before it is saved. */
function refusePast(wish: { valid_until: string | null }): void {
  if (!isOver(wish.valid_until, new Date())) return
  throw new Problem('invalid_request', 'The end lies in the past.', {
    errors: [{ field: 'valid_until', code: 'past', detail: 'The end lies in the past.' }]
  })
}

/** A grant whose thing the caller manages. Throws not_found for one on a thing that they do not see. */
async function requireGrant(caller: { id: string }, id: string): Promise<{ thing: Managed; held: Held }> {
  const asked_at = performance.now()
  const held = await findGrant(database.pool, id)
  if (!held) return refuseEvenly(asked_at)
  return { held, thing: await requireManaged(database, caller, held.thing_id) }
}
