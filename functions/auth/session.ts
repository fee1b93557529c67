/** Sessions begin and end here. A new token at each rise in rights, so that one that was seen before is worth nothing. */
import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { SESSION_COOKIE, hashToken } from '../_shared/auth/session.ts'
import { config } from '../_shared/config.ts'
import { Id, Time } from '../_shared/contract/common.ts'
import { Device } from '../_shared/contract/person.ts'
import type { Act } from '../_shared/db/audit.ts'
import { type Session, blocks, row, rows } from '../_shared/db/database.ts'
import { clientAddress } from '../_shared/http.ts'

const sql = blocks<'start' | 'end_by_token' | 'end_one' | 'own'>(new URL('./session.sql', import.meta.url))

/** Minutes: a day with both factors; while the second is owed, as long as setting up an app takes. */
const LASTS = { 1: 30, 2: 24 * 60 } as const

const Started = z.object({ id: Id, expires_at: Time })
const Ended = z.object({ id: Id, person_id: Id, factors: z.int() })

/** Who is at the other end, for the log's detail: erasable, never in a row itself. */
export const clientOf = (c: Context): { address: string; device: string } => ({
  address: clientAddress(c),
  device: c.req.header('user-agent')?.slice(0, 300) ?? ''
})

/**
 * Ends the session that the request came with, if any, and starts one with `factors`. The act of starting is the second
 * factor's: before it nobody is in.
 *
 * @returns the cookie's setter: to be called once the transaction has committed.
 */
export async function startSession(
  session: Session,
  acts: Act[],
  c: Context,
  personId: string,
  factors: 1 | 2
): Promise<() => void> {
  const { address, device } = clientOf(c)
  const before = getCookie(c, SESSION_COOKIE)
  const ended = before ? await row(session, sql('end_by_token'), [hashToken(before)], Ended) : null
  if (ended?.factors === 2) acts.push(endOf(ended))
  const token = randomBytes(32).toString('base64url')
  const started = await row(
    session,
    sql('start'),
    [hashToken(token), personId, factors, LASTS[factors], device],
    Started
  )
  if (!started) throw new Error('a session was not written')
  if (factors === 2)
    acts.push({
      action: 'session.started',
      actor_id: personId,
      subject_id: started.id,
      detail: { address, device }
    })
  return () =>
    setCookie(c, SESSION_COOKIE, token, {
      httpOnly: true,
      sameSite: 'Lax',
      path: '/',
      secure: config.secure,
      expires: new Date(started.expires_at)
    })
}

/** Ends the session of the request's cookie; nothing happens without one. The cookie goes either way. */
export async function endSession(session: Session, acts: Act[], c: Context): Promise<void> {
  const token = getCookie(c, SESSION_COOKIE)
  if (!token) return
  const ended = await row(session, sql('end_by_token'), [hashToken(token)], Ended)
  if (ended) acts.push(endOf(ended))
  deleteCookie(c, SESSION_COOKIE, { path: '/', secure: config.secure })
}

/** Ends one of a person's own sessions; false when it is none of theirs. */
export async function endOwnSession(
  session: Session,
  acts: Act[],
  personId: string,
  id: string
): Promise<boolean> {
  const ended = await row(session, sql('end_one'), [id, personId], Ended)
  if (ended) acts.push(endOf(ended))
  return ended !== null
}

const endOf = (ended: z.infer<typeof Ended>): Act => ({
  action: 'session.ended',
  actor_id: ended.person_id,
  subject_id: ended.id,
  facts: { factors: ended.factors }
})

const OwnSession = Device.omit({ current: true })

/** A person's living sessions, the last used first. */
export const ownSessions = (on: Session, personId: string) => rows(on, sql('own'), [personId], OwnSession)
