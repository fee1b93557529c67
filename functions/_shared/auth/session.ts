/** Who calls: an opaque session cookie, SHA-256 at rest. Every function that serves people asks here. */
import type { Context, MiddlewareHandler } from 'hono'
import { getCookie } from 'hono/cookie'
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { config } from '../config.ts'
import { Id, Locale, Time } from '../contract/common.ts'
import { StaffRole } from '../contract/person.ts'
import { type Database, blocks, prepare, row, run } from '../db/database.ts'
import { Problem } from '../problem.ts'

/** `__Host-` needs https; on plain loopback some browsers refuse Secure cookies (docs/decisions/cookie-name.md). */
export const SESSION_COOKIE = config.secure ? '__Host-portico' : 'portico'

const sql = blocks<'session_by_token' | 'touch_session'>(new URL('./session.sql', import.meta.url))

const Caller = z.object({
  session_id: Id,
  /** 1: only the password was shown; 2: the second factor too. */
  factors: z.int(),
  expires_at: Time,
  id: Id,
  name: z.string(),
  email: z.string(),
  staff_role: StaffRole.nullable(),
  locale: Locale,
  time_zone: z.string(),
  firm_name: z.string(),
  has_second_factor: z.boolean(),
  stale: z.boolean()
})
/** A signed-in person and the session they came with. */
export type Caller = z.infer<typeof Caller>
export type CallerVariables = { caller: Caller }

export const hashToken = (token: string): Buffer => createHash('sha256').update(token).digest()

/** The caller of the request's session cookie, or null. Never throws for a bad cookie. */
export async function findCaller(c: Context, database: Database): Promise<Caller | null> {
  const token = getCookie(c, SESSION_COOKIE)
  if (!token || token.length > 128) return null
  const caller = await row(database.pool, prepare(sql('session_by_token')), [hashToken(token)], Caller)
  if (caller?.stale) await run(database.pool, sql('touch_session'), [caller.session_id])
  return caller
}

/** Lets only people in who have shown both factors. */
export function requireCaller(database: Database): MiddlewareHandler<{ Variables: CallerVariables }> {
  return async (c, next) => {
    const caller = await findCaller(c, database)
    if (!caller) throw new Problem('not_signed_in', 'Please sign in.')
    if (caller.factors < 2) throw new Problem('second_factor_owed', 'The second factor is still owed.')
    c.set('caller', caller)
    await next()
  }
}

/** Lets only these roles of the firm act. A client gets "not found", as for anything that is none of theirs. */
export function requireRole(caller: Caller, ...roles: z.infer<typeof StaffRole>[]): void {
  if (!caller.staff_role)
    throw new Problem('not_found', 'There is nothing here, or nothing that you may see.')
  if (!roles.includes(caller.staff_role)) throw new Problem('forbidden', 'Your role does not allow this.')
}
