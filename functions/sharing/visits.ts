/** A visit: what a visitor's cookie stands for. Each link has a cookie of its own; asked anew at each request. */
import type { Context, MiddlewareHandler } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { hashLinkSecret } from '../_shared/auth/link.ts'
import { hashToken } from '../_shared/auth/session.ts'
import { config } from '../_shared/config.ts'
import { Id, Locale, Time } from '../_shared/contract/common.ts'
import { LinkLevel, SharedDocument } from '../_shared/contract/link.ts'
import { type Session, blocks, row, rows } from '../_shared/db/database.ts'
import { Problem } from '../_shared/problem.ts'
import { type LinkFacts, stateOfLink } from '../_shared/rules/link.ts'
import { database } from './database.ts'

const sql = blocks<'find' | 'shown' | 'count_open' | 'start' | 'by_token' | 'kept' | 'contents'>(
  new URL('./visits.sql', import.meta.url)
)

/** As the session's cookie, beside it: somebody signed in may open a link too. The link's id follows. */
const VISIT_COOKIE = config.secure ? '__Host-portico-link-' : 'portico-link-'
const cookieFor = (link_id: string): string => `${VISIT_COOKIE}${link_id}`

/** Hours that one opening lasts at most. */
const LASTS = 12

/** Days for which a browser can still be told that its visit has ended, rather than that its address is not whole. */
const REMEMBERED = 7

/** Visits that a browser holds at most: their cookies come along with each of its requests. */
const MOST = 16

const Facts = z.object({
  valid_until: Time,
  revoked_at: Time.nullable(),
  opens: z.int(),
  max_opens: z.int().nullable()
})
const FoundLink = Facts.extend({ id: Id, project_id: Id, password_hash: z.string().nullable() })

/** The link of this locator and this secret; null when either is wrong. */
export const findLink = (id: string, secret: string) =>
  row(database.pool, sql('find'), [id, hashLinkSecret(secret)], FoundLink)

const About = z.object({ firm: z.string(), time_zone: z.string(), sender: z.string(), locale: Locale })

/** Who shares, at whose portal. The caller has shown the secret. */
export async function aboutLink(id: string): Promise<z.infer<typeof About>> {
  const about = await row(database.pool, sql('shown'), [id], About)
  if (!about) throw new Error('a link that was just read is gone')
  return about
}

/** Throws the reason for which a link opens no more; only whoever holds its secret is told. */
export function requireOpen(link: LinkFacts): void {
  const state = stateOfLink(link, new Date())
  if (state === 'revoked') throw new Problem('link_revoked', 'This link was revoked.')
  if (state === 'expired') throw new Problem('link_expired', 'This link has expired.')
  if (state === 'used_up') throw usedUp()
}

const usedUp = () => new Problem('link_used', 'This link was opened as often as it may be.')

const Found = z.object({ id: Id })
const Started = z.object({ id: Id, expires_at: Time })

/** Counts one opening and starts a visit. Throws `link_used` when somebody was faster with the last one. */
export async function startVisit(
  session: Session,
  link_id: string,
  visitor: { name: string; device: string }
): Promise<{ id: string; setOn: (c: Context) => void }> {
  if (!(await row(session, sql('count_open'), [link_id], Found))) throw usedUp()
  const token = randomBytes(32).toString('base64url')
  const values = [hashToken(token), link_id, visitor.name, visitor.device, LASTS]
  const started = await row(session, sql('start'), values, Started)
  if (!started) throw new Error('a visit was not written')
  const setOn = (c: Context) =>
    setCookie(c, cookieFor(link_id), token, {
      ...ATTRIBUTES,
      expires: new Date(Date.parse(started.expires_at) + REMEMBERED * 86_400_000)
    })
  return { id: started.id, setOn }
}

const ATTRIBUTES = { httpOnly: true, sameSite: 'Lax', path: '/', secure: config.secure } as const

const Kept = z.object({ link_id: Id })

/** Takes the cookies of the oldest visits, and of those that have ended, out of a browser that holds too many. */
export async function clearOldVisits(c: Context, link_id: string): Promise<void> {
  const others = Object.entries(getCookie(c)).filter(
    ([name]) => name.startsWith(VISIT_COOKIE) && name !== cookieFor(link_id)
  )
  if (others.length < MOST) return
  const hashes = others.map(([, token]) => hashToken(token))
  const kept = await rows(database.pool, sql('kept'), [hashes, link_id, MOST - 1], Kept)
  const names = new Set(kept.map((visit) => cookieFor(visit.link_id)))
  for (const [name] of others) if (!names.has(name)) deleteCookie(c, name, ATTRIBUTES)
}

const Visitor = Facts.extend({
  visit_id: Id,
  over: z.boolean(),
  link_id: Id,
  project_id: Id,
  name: z.string(),
  recipient: z.string(),
  note: z.string().nullable(),
  sender: z.string(),
  locale: Locale,
  time_zone: z.string(),
  firm_name: z.string(),
  level: LinkLevel
})
export type Visitor = z.infer<typeof Visitor>
export type VisitorVariables = { visitor: Visitor }

/** Lets only visits of the address's link in, while they last and their link is open. */
export const requireVisit: MiddlewareHandler<{ Variables: VisitorVariables }> = async (c, next) => {
  const link = Id.safeParse(c.req.param('link'))
  const token = link.success && getCookie(c, cookieFor(link.data))
  const visitor =
    token && token.length <= 128
      ? await row(database.pool, sql('by_token'), [hashToken(token), link.data], Visitor)
      : null
  if (!visitor) throw new Problem('not_signed_in', 'Please open the link.')
  requireOpen(visitor)
  if (visitor.over) throw new Problem('visit_over', 'This visit has ended: please open the link again.')
  c.set('visitor', visitor)
  await next()
}

/** What the visitor may see now, by name. Row-level security must be open for the link's project. */
export const contentsOf = (
  session: Session,
  visitor: Visitor,
  after: { name: string; id: string } | null,
  limit: number
): Promise<SharedDocument[]> =>
  rows(
    session,
    sql('contents'),
    [visitor.link_id, visitor.project_id, after?.id ?? null, after?.name ?? null, limit],
    SharedDocument
  )
