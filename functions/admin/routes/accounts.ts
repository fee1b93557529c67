/** People's accounts (administrators): what opens doors for them, lock and open, role. */
import { createRoute, z } from '@hono/zod-openapi'
import { requireProof } from '../../_shared/auth/proof.ts'
import { type Caller, requireCaller, requireRole } from '../../_shared/auth/session.ts'
import { Account, AccountChange, Holdings } from '../../_shared/contract/account.ts'
import { Id } from '../../_shared/contract/common.ts'
import { run } from '../../_shared/db/database.ts'
import { type Api, json, jsonBody, problems } from '../../_shared/http.ts'
import { Problem, notFound } from '../../_shared/problem.ts'
import { planAccountChange } from '../../_shared/rules/account.ts'
import { beginAccountChange, changeAccount, readAccount } from '../accounts.ts'
import { database } from '../database.ts'
import { handOver, holdingsOf } from '../hand-over.ts'

const params = z.object({ id: Id })

const read = createRoute({
  method: 'get',
  path: '/people/{id}',
  summary: "Somebody's account, and what opens doors for them (administrators)",
  middleware: [requireCaller(database)] as const,
  request: { params },
  responses: { 200: json(Account), ...problems }
})
const change = createRoute({
  method: 'patch',
  path: '/people/{id}',
  summary:
    'Lock an account (sessions, API keys and links end), hand over what it holds, open it again, or change the role (administrators)',
  middleware: [requireCaller(database), requireProof] as const,
  request: { params, ...jsonBody(AccountChange) },
  responses: { 200: json(Account), ...problems }
})
const holdings = createRoute({
  method: 'get',
  path: '/people/{id}/holdings',
  summary: 'What somebody holds that could be handed over, and to whom (administrators)',
  middleware: [requireCaller(database)] as const,
  request: { params },
  responses: { 200: json(Holdings), ...problems }
})
export function accountRoutes(app: Api): void {
  app.openapi(read, async (c) => c.json(await requireAccount(c.var.caller, c.req.valid('param').id), 200))

  app.openapi(holdings, async (c) => {
    const { id } = await requireAccount(c.var.caller, c.req.valid('param').id)
    return c.json(await holdingsOf(database.pool, c.var.caller.id, id), 200)
  })

  app.openapi(change, async (c) => {
    const caller = c.var.caller
    const { id } = await requireAccount(caller, c.req.valid('param').id)
    const wish = c.req.valid('json')
    await oneRemains(
      database.transaction([], async (session, acts) => {
        const person = await beginAccountChange(session, caller.id, id)
        const plan = planAccountChange(caller, person, wish)
        if (plan === 'conflict') throw new Problem('conflict', 'This account cannot be changed like that.')
        if (plan.hand_over_to)
          await handOver(session, { actor: caller.id, from: id, to: plan.hand_over_to }, acts)
        await changeAccount(session, caller.id, person, plan, acts)
        if (acts.length > 0) for (const one of [id, caller.id]) await announce(session, one)
      })
    )
    return c.json(await requireAccount(caller, id, false), 200)
  })
}

/** @param ask false: the caller was an administrator when the change began, and may have given that up by it */
export async function requireAccount(caller: Caller, id: string, ask = true): Promise<Account> {
  if (ask) requireRole(caller, 'administrator')
  const account = await readAccount(database.pool, caller.id, id)
  if (!account) throw notFound()
  return account
}

export const announce = (session: Parameters<typeof run>[0], person: string) =>
  run(session, 'select announce($1)', [`person:${person}`])

/** The database refuses to let the last administrator go (0036_staff.sql). */
async function oneRemains<T>(work: Promise<T>): Promise<T> {
  return work.catch((cause: unknown) => {
    if (cause instanceof Error && 'constraint' in cause && cause.constraint === 'last_administrator')
      throw new Problem('last_administrator', 'Nobody could run the firm any more.', { cause })
    throw cause
  })
}
