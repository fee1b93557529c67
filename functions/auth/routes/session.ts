/** Who am I, where am I signed in, and in which language. */
import { createRoute, z } from '@hono/zod-openapi'
import { findCaller, requireCaller } from '../../_shared/auth/session.ts'
import { Id } from '../../_shared/contract/common.ts'
import type { FactorKind } from '../../_shared/contract/factor.ts'
import { Device, Preferences, type ProofKind, SessionInfo } from '../../_shared/contract/person.ts'
import { run } from '../../_shared/db/database.ts'
import { type Api, json, jsonBody, problems } from '../../_shared/http.ts'
import { Problem, notFound } from '../../_shared/problem.ts'
import { database } from '../database.ts'
import { factorKindsOf } from '../passkeys.ts'
import { organisationsOf, setLocale } from '../person.ts'
import { endOtherOwnSessions, endOwnSession, ownSessions } from '../session.ts'

const info = createRoute({
  method: 'get',
  path: '/session',
  summary: 'The person that is signed in, and what they still owe',
  responses: { 200: json(SessionInfo), ...problems }
})
const change = createRoute({
  method: 'patch',
  path: '/session',
  summary: "Change one's own preferences",
  middleware: [requireCaller(database)] as const,
  request: jsonBody(Preferences),
  responses: { 200: json(Preferences), ...problems }
})
const devices = createRoute({
  method: 'get',
  path: '/sessions',
  summary: 'Where one is signed in',
  middleware: [requireCaller(database)] as const,
  responses: { 200: json(z.object({ items: z.array(Device) })), ...problems }
})
const end = createRoute({
  method: 'delete',
  path: '/sessions/{id}',
  summary: "End one of one's own sessions",
  middleware: [requireCaller(database)] as const,
  request: { params: z.object({ id: Id }) },
  responses: { 204: { description: 'Ended' }, ...problems }
})

const endOthers = createRoute({
  method: 'delete',
  path: '/sessions',
  summary: "End all of one's own sessions but this one",
  middleware: [requireCaller(database)] as const,
  responses: { 204: { description: 'Ended' }, ...problems }
})

export function sessionRoutes(app: Api): void {
  app.openapi(info, async (c) => {
    const caller = await findCaller(c, database)
    if (!caller) throw new Problem('not_signed_in', 'Please sign in.')
    const { id, name, email, staff_role, locale, time_zone } = caller
    const organisations = await organisationsOf(database.pool, caller.seeing?.as.id ?? id)
    const second_factors = await factorKindsOf(database.pool, id)
    return c.json(
      {
        person: { id, name, email, staff_role, locale, time_zone, organisations },
        firm: { name: caller.firm_name },
        next: caller.owes,
        factor_due: caller.factor_due,
        proofs: proofsOf(second_factors, caller.identity_id !== null),
        proof_due: caller.proof_due,
        second_factors,
        seeing: caller.seeing && { as: caller.seeing.as, until: caller.seeing.until },
        stands_in: caller.stands_in
      } as const,
      200
    )
  })

  app.openapi(change, async (c) => {
    const caller = c.var.caller
    const { locale } = c.req.valid('json')
    await database.transaction([], async (session, acts) => {
      await setLocale(session, caller.id, locale)
      acts.push({
        action: 'person.changed',
        actor_id: caller.id,
        subject_id: caller.id,
        facts: { field: 'locale' }
      })
      await run(session, 'select announce($1)', [`person:${caller.id}`])
    })
    return c.json({ locale }, 200)
  })

  app.openapi(devices, async (c) => {
    const caller = c.var.caller
    const items = await database.transaction([], (session) => ownSessions(session, caller.id))
    return c.json({ items: items.map((item) => ({ ...item, current: item.id === caller.session_id })) }, 200)
  })

  app.openapi(endOthers, async (c) => {
    const caller = c.var.caller
    await database.transaction([], async (session, acts) => {
      if ((await endOtherOwnSessions(session, acts, caller)) > 0)
        await run(session, 'select announce($1)', [`person:${caller.id}`])
    })
    return c.body(null, 204)
  })

  app.openapi(end, async (c) => {
    const caller = c.var.caller
    await database.transaction([], async (session, acts) => {
      if (!(await endOwnSession(session, acts, caller.id, c.req.valid('param').id))) throw notFound()
      await run(session, 'select announce($1)', [`person:${caller.id}`])
    })
    return c.body(null, 204)
  })
}

/** Whoever has a second factor shows one: a password may be in the browser's memory. Who came by the provider goes there. */
const proofsOf = (kinds: FactorKind[], by_provider: boolean): ProofKind[] =>
  kinds.length === 0
    ? [by_provider ? 'provider' : 'password']
    : kinds.map((kind) => (kind === 'app' ? 'code' : kind))
