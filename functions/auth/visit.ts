/**
 * A visit to the provider: what was asked lies in a row, sealed, good once and for ten minutes, in the browser that began
 * it. Several tabs share that browser's cookie and have a row each.
 */
import type { Context } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import { createHash, randomBytes } from 'node:crypto'
import { z } from 'zod'
import type { VisitSecrets } from '../_shared/auth/oidc.ts'
import { seal, unseal } from '../_shared/auth/sealed.ts'
import { config } from '../_shared/config.ts'
import { Id, Time } from '../_shared/contract/common.ts'
import { blocks, row, run } from '../_shared/db/database.ts'
import { database } from './database.ts'

const sql = blocks<'begin' | 'take'>(new URL('./visit.sql', import.meta.url))

const COOKIE = config.secure ? '__Host-portico-visit' : 'portico-visit'
const MINUTES = 10

const Sealed = z.object({ nonce: z.string(), verifier: z.string() })
const VisitRow = z.object({ session_id: Id.nullable(), sealed: z.string(), next: z.string(), begun_at: Time })

export type OpenVisit = {
  /** Whose session is to be proved; null: somebody signs in. */
  session_id: string | null
  secrets: VisitSecrets
  next: string
  begun_at: Date
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

export async function beginVisit(
  c: Context,
  { state, nonce, verifier }: VisitSecrets,
  about: { session_id: string | null; next: string }
): Promise<void> {
  const shown = getCookie(c, COOKIE)
  const token = shown && /^[\w-]{43}$/.test(shown) ? shown : randomBytes(32).toString('base64url')
  const sealed = await seal(JSON.stringify({ nonce, verifier }))
  const values = [digest(state), digest(token), about.session_id, sealed, about.next, MINUTES]
  await run(database.pool, sql('begin'), values)
  setCookie(c, COOKIE, token, {
    httpOnly: true,
    // Not Strict: the provider's page leads back, and the cookie must come along.
    sameSite: 'Lax',
    path: '/',
    secure: config.secure,
    maxAge: MINUTES * 60
  })
}

/** The visit that this browser comes back from; null: none, too old, or come back from before. It is used up now. */
export async function takeVisit(c: Context, query: string): Promise<OpenVisit | null> {
  const state = new URLSearchParams(query).getAll('state')
  const token = getCookie(c, COOKIE)
  if (state.length !== 1 || state[0] === undefined || !token) return null
  const taken = await row(database.pool, sql('take'), [digest(state[0]), digest(token)], VisitRow)
  if (!taken) return null
  const { text } = await unseal(taken.sealed)
  return {
    session_id: taken.session_id,
    secrets: { state: state[0], ...Sealed.parse(JSON.parse(text)) },
    next: taken.next,
    begun_at: new Date(taken.begun_at)
  }
}
