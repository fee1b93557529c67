/** Who calls: an opaque session cookie, SHA-256 at rest, or a program's key. Every function that serves people asks here. */
import type { Context, MiddlewareHandler } from 'hono'
import { getCookie } from 'hono/cookie'
import { createHash } from 'node:crypto'
import { config } from '../config.ts'
import type { StaffRole } from '../contract/person.ts'
import { type Database, blocks, prepare, row, run } from '../db/database.ts'
import { clientAddress } from '../client-address.ts'
import { withDeputy } from '../deputy.ts'
import { withKey } from '../key.ts'
import { withOfFirm } from '../of-firm.ts'
import { Problem } from '../problem.ts'
import { withSeeing } from '../seeing.ts'
import type { OpenToKeys } from '../rules/api-key.ts'
import { bearerOf, callerByKey } from './api-key.ts'
import { Caller } from './caller.ts'

export type { Caller }

/** `__Host-` needs https; on plain loopback some browsers refuse Secure cookies (docs/decisions/cookie-name.md). */
export const SESSION_COOKIE = config.secure ? '__Host-portico' : 'portico'

const sql = blocks<'session_by_token' | 'touch_session'>(new URL('./session.sql', import.meta.url))

export type CallerVariables = { caller: Caller }

export const hashToken = (token: string): Buffer => createHash('sha256').update(token).digest()

/** Said by what a page asks by itself: it keeps no session alive. What changes something is always somebody's act. */
const PASSIVE = 'portico-passive'
const isPassive = (c: Context): boolean =>
  ['GET', 'HEAD'].includes(c.req.method) && c.req.header(PASSIVE) !== undefined

/** The caller of the request's session cookie, or null. Never throws for a bad cookie. */
export async function findCaller(c: Context, database: Database): Promise<Caller | null> {
  const token = getCookie(c, SESSION_COOKIE)
  if (!token || token.length > 128) return null
  const caller = await row(database.pool, prepare(sql('session_by_token')), [hashToken(token)], Caller)
  if (caller?.stale && !isPassive(c)) await run(database.pool, sql('touch_session'), [caller.session_id])
  return caller
}

/**
 * Lets only people in who owe nothing: both factors were shown, or a second one is not due yet.
 *
 * @param name the function's, where programs may come in too, with an API key; without it no key opens anything
 */
export function requireCaller(
  database: Database,
  name: OpenToKeys | null = null
): MiddlewareHandler<{ Variables: CallerVariables }> {
  return async (c, next) => {
    const token = bearerOf(c)
    if (token !== null) {
      if (!name) throw new Problem('forbidden', 'This is not open to API keys.')
      const { caller, key } = await callerByKey(c, database, token, name, clientAddress(c))
      c.set('caller', caller)
      return withKey(key, () => withOfFirm(caller.staff_role !== null, standing(caller, next)))
    }
    const caller = await findCaller(c, database)
    if (!caller) throw new Problem('not_signed_in', 'Please sign in.')
    if (caller.owes !== 'done') throw new Problem('second_factor_owed', 'The second factor is still owed.')
    c.set('caller', caller)
    if (!caller.seeing) return withOfFirm(caller.staff_role !== null, standing(caller, next))
    if (!['GET', 'HEAD'].includes(c.req.method)) requireOwnEyes(caller)
    return withSeeing({ id: caller.id, ...caller.seeing }, next)
  }
}

/** The work, known to be a deputy's where it may be. */
const standing = (caller: Caller, work: () => Promise<void>): (() => Promise<void>) =>
  caller.stands_in.length > 0 ? () => withDeputy(caller.id, work) : work

/** Throws for one who sees as a client: they look, they do nothing in that client's place and take nothing along. */
export function requireOwnEyes(caller: Caller): void {
  if (caller.seeing) throw new Problem('seeing_only', 'You see as somebody else: end that first.')
}

/** Lets only these roles of the firm act. A client gets "not found", as for anything that is none of theirs. */
export function requireRole(caller: Caller, ...roles: StaffRole[]): void {
  if (!caller.staff_role)
    throw new Problem('not_found', 'There is nothing here, or nothing that you may see.')
  if (!roles.includes(caller.staff_role)) throw new Problem('forbidden', 'Your role does not allow this.')
}
