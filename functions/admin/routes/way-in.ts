/** A way in for somebody who has lost every factor (administrators): made, confirmed by a second one, withdrawn. */
import { createRoute, z } from '@hono/zod-openapi'
import { requireProof } from '../../_shared/auth/proof.ts'
import { requireCaller } from '../../_shared/auth/session.ts'
import { withdrawWayIn } from '../../_shared/auth/ways-in.ts'
import { Account, MadeWayIn } from '../../_shared/contract/account.ts'
import { Id } from '../../_shared/contract/common.ts'
import { type Api, json, problems } from '../../_shared/http.ts'
import { Problem, notFound } from '../../_shared/problem.ts'
import { mayGiveWayIn } from '../../_shared/rules/account.ts'
import { beginAccountChange } from '../accounts.ts'
import { database, limits } from '../database.ts'
import { confirmWayIn, makeWayIn } from '../way-in.ts'
import { announce, requireAccount } from './accounts.ts'

const params = z.object({ id: Id })

// Not idempotent: an answer that is kept to be given again would keep the code.
const make = createRoute({
  method: 'post',
  path: '/people/{id}/way-in',
  summary:
    'Make a one-time code for somebody who has lost every factor, to be said over another channel (administrators)',
  middleware: [requireCaller(database), requireProof] as const,
  request: { params },
  responses: { 201: json(MadeWayIn, 'Made; it is in this answer only'), ...problems }
})
const confirm = createRoute({
  method: 'post',
  path: '/people/{id}/way-in/confirm',
  summary: 'Let the code that another administrator made open the door (administrators)',
  middleware: [requireCaller(database), requireProof] as const,
  request: { params },
  responses: { 200: json(Account), ...problems }
})
const withdraw = createRoute({
  method: 'delete',
  path: '/people/{id}/way-in',
  summary: 'Withdraw the code (administrators)',
  middleware: [requireCaller(database)] as const,
  request: { params },
  responses: { 204: { description: 'It opens nothing any more' }, ...problems }
})

export function wayInRoutes(app: Api): void {
  app.openapi(make, async (c) => {
    const caller = c.var.caller
    const { id } = await requireAccount(caller, c.req.valid('param').id)
    await limits.spend([
      { limit: 'way_in', key: caller.id },
      { limit: 'way_in_person', key: id }
    ])
    const made = await database.transaction([], async (session, acts) => {
      const person = await beginAccountChange(session, caller.id, id)
      if (!mayGiveWayIn(caller, person)) throw new Problem('conflict', 'This is no account to be let in.')
      const way = await makeWayIn(session, caller.id, id, acts)
      for (const one of [id, caller.id]) await announce(session, one)
      return way
    })
    return c.json(made, 201)
  })

  app.openapi(confirm, async (c) => {
    const caller = c.var.caller
    const { id } = await requireAccount(caller, c.req.valid('param').id)
    await database.transaction([], async (session, acts) => {
      await beginAccountChange(session, caller.id, id)
      await confirmWayIn(session, caller.id, id, acts)
      for (const one of [id, caller.id]) await announce(session, one)
    })
    return c.json(await requireAccount(caller, id), 200)
  })

  app.openapi(withdraw, async (c) => {
    const caller = c.var.caller
    const { id } = await requireAccount(caller, c.req.valid('param').id)
    await database.transaction([], async (session, acts) => {
      await beginAccountChange(session, caller.id, id)
      if (!(await withdrawWayIn(session, caller.id, id, acts))) throw notFound()
      for (const one of [id, caller.id]) await announce(session, one)
    })
    return c.body(null, 204)
  })
}
