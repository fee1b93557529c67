/**
 * Browsers that somebody got in with before, by a random cookie of their own, SHA-256 at rest. A User-Agent would not do:
 * whoever guesses a password can send any. It opens nothing; it only makes a stranger's browser stand out.
 */
import type { Context } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import { randomBytes } from 'node:crypto'
import { isIPv6 } from 'node:net'
import { z } from 'zod'
import { hashToken } from '../_shared/auth/session.ts'
import { config } from '../_shared/config.ts'
import { type Session, blocks, row } from '../_shared/db/database.ts'
import { addressKey } from '../_shared/limits.ts'

const sql = blocks<'known' | 'remember' | 'any'>(new URL('./device.sql', import.meta.url))

const COOKIE = config.secure ? '__Host-portico-device' : 'portico-device'
/** Seconds: as long as browsers keep a cookie at most (RFC 6265bis section 5.5). */
const LASTS = 400 * 86_400

const Known = z.object({ known: z.boolean() })
const Remembered = z.object({ strange: z.boolean() })

type On = Parameters<typeof row>[0]

/** What is kept of the request's device cookie; null without one. */
export function deviceOf(c: Context): Buffer | null {
  const token = getCookie(c, COOKIE)
  return token && /^[\w-]{43}$/.test(token) ? hashToken(token) : null
}

/** Whether this person got in with this browser before. Always one query, so that nobody can tell by the time. */
export const isKnownDevice = async (on: On, device: Buffer | null, person_id: string | null) =>
  (await row(on, sql('known'), [device, person_id], Known))?.known ?? false

/**
 * Remembers that somebody got in with this browser. A cookie that nobody got in with before is replaced: who planted it
 * would know it.
 *
 * @returns whether they never did before, though they were in elsewhere; and the cookie's setter, for after the commit
 */
export async function rememberDevice(
  on: Session,
  c: Context,
  person_id: string
): Promise<{ strange: boolean; setCookie: () => void }> {
  const shown = deviceOf(c)
  const kept = shown && (await row(on, sql('any'), [shown], Known))?.known ? getCookie(c, COOKIE) : undefined
  const token = kept ?? randomBytes(32).toString('base64url')
  const seen = await row(on, sql('remember'), [hashToken(token), person_id], Remembered)
  return {
    strange: seen?.strange ?? false,
    setCookie: () =>
      setCookie(c, COOKIE, token, {
        httpOnly: true,
        sameSite: 'Lax',
        path: '/',
        secure: config.secure,
        maxAge: LASTS
      })
  }
}

/** Where a session is, as far as its owner needs it to know it again: the network, not the machine. */
export function placeOf(address: string): string | null {
  if (isIPv6(address) && !address.toLowerCase().startsWith('::ffff:'))
    return addressKey(address).replace(/^([^:]+:[^:]+:[^:]+):.*$/, '$1::/48')
  const parts = addressKey(address).split('.')
  return parts.length === 4 ? `${parts.slice(0, 3).join('.')}.x` : null
}
