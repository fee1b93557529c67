/** Sessions begin and end here. A new token at each rise in rights, so that one that was seen before is worth nothing. */
import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { SESSION_COOKIE, hashToken } from '../_shared/auth/session.ts'
import { config } from '../_shared/config.ts'
import { Id, Time } from '../_shared/contract/common.ts'
import { Device, type NextStep } from '../_shared/contract/person.ts'
import type { Act } from '../_shared/db/audit.ts'
import { type Session, blocks, row, rows } from '../_shared/db/database.ts'
import { clientAddress } from '../_shared/http.ts'
import { Problem } from '../_shared/problem.ts'
import { placeOf, rememberDevice } from './device.ts'
import { mailNewDevice } from './mail.ts'
import { beginWithPassword } from './person.ts'

const sql = blocks<'start' | 'end_by_token' | 'end_one' | 'end_others' | 'own' | 'prove'>(
  new URL('./session.sql', import.meta.url)
)

/** Minutes: a day with both factors; while the second is owed, as long as setting up an app takes. */
const LASTS = { 1: 30, 2: 24 * 60 } as const

const Started = z.object({ id: Id, expires_at: Time })
const Ended = z.object({ id: Id, person_id: Id, factors: z.int() })
const EndedHere = Ended.extend({ identity_id: Id.nullable() })

/** Who is at the other end, for the log's detail: erasable, never in a row itself. */
export const clientOf = (c: Context): { address: string; device: string } => ({
  address: clientAddress(c),
  device: c.req.header('user-agent')?.slice(0, 300) ?? ''
})

type Begun = { identity_id: string; proved_at: Date } | 'alone'

const begunBy = (begun: Begun | null, before: { identity_id: string | null } | null) => {
  if (begun === 'alone') return { identity_id: null, proved_at: null, alone: true }
  return {
    identity_id: begun?.identity_id ?? before?.identity_id ?? null,
    proved_at: begun?.proved_at ?? null,
    alone: false
  }
}

/**
 * Ends the session that the request came with, if any, and starts one with `factors`. The act of starting is the second
 * factor's: before it nobody is in.
 *
 * @param begun by which identity at the provider somebody comes, and when they last showed there who they are; `alone`: by
 *   the password, because no second factor is due yet
 * @returns the cookie's setter: to be called once the transaction has committed.
 */
export async function startSession(
  session: Session,
  acts: Act[],
  c: Context,
  personId: string,
  factors: 1 | 2,
  begun: Begun | null = null
): Promise<() => void> {
  const { address, device } = clientOf(c)
  const before = getCookie(c, SESSION_COOKIE)
  const ended = before ? await row(session, sql('end_by_token'), [hashToken(before)], EndedHere) : null
  if (ended?.factors === 2) acts.push(endOf(ended))
  const token = randomBytes(32).toString('base64url')
  // Portico's own factor completes what the provider began.
  const { identity_id, proved_at, alone } = begunBy(begun, ended?.person_id === personId ? ended : null)
  const values = [
    ...[hashToken(token), personId, factors, LASTS[factors], device, placeOf(address)],
    ...[identity_id, proved_at, alone]
  ]
  const started = await row(session, sql('start'), values, Started)
  if (!started) throw new Error('a session was not written')
  if (factors === 1) return () => giveCookie(c, token, started.expires_at)
  acts.push({
    action: 'session.started',
    actor_id: personId,
    subject_id: started.id,
    ...(alone && { facts: { alone } }),
    detail: { address, device }
  })
  const browser = await rememberDevice(session, c, personId)
  if (browser.strange) await mailNewDevice(session, personId, started.id)
  return () => {
    giveCookie(c, token, started.expires_at)
    browser.setCookie()
  }
}

/** The session of somebody who has shown their password: complete only while nothing more is owed. */
export async function startWithPassword(
  session: Session,
  acts: Act[],
  c: Context,
  personId: string
): Promise<{ next: NextStep; setCookie: () => void }> {
  const next = await beginWithPassword(session, personId)
  const setCookie = await startSession(
    session,
    acts,
    c,
    personId,
    next === 'done' ? 2 : 1,
    next === 'done' ? 'alone' : null
  )
  return { next, setCookie }
}

const giveCookie = (c: Context, token: string, expires_at: string) =>
  setCookie(c, SESSION_COOKIE, token, {
    httpOnly: true,
    sameSite: 'Lax',
    path: '/',
    secure: config.secure,
    expires: new Date(expires_at)
  })

/**
 * Somebody showed a factor again: what is sensitive is open to this session for a while, under a new token.
 *
 * @returns the cookie's setter, as startSession
 */
export async function proveSession(
  session: Session,
  acts: Act[],
  c: Context,
  caller: { id: string; session_id: string }
): Promise<() => void> {
  const token = randomBytes(32).toString('base64url')
  const proved = await row(session, sql('prove'), [caller.session_id, hashToken(token)], Started)
  if (!proved) throw new Problem('not_signed_in', 'Please sign in.')
  acts.push({ action: 'session.proved', actor_id: caller.id, subject_id: proved.id, detail: clientOf(c) })
  return () => giveCookie(c, token, proved.expires_at)
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

/** Ends all of a person's sessions but the one that asks; how many. */
export async function endOtherOwnSessions(
  session: Session,
  acts: Act[],
  caller: { id: string; session_id: string }
): Promise<number> {
  const ended = await rows(session, sql('end_others'), [caller.id, caller.session_id], Ended)
  acts.push(...ended.map(endOf))
  return ended.length
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
