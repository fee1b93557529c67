/** A visit: what a visitor's cookie stands for. Bound to one link, asked anew at each request. */
import type { Context, MiddlewareHandler } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
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

const sql = blocks<'find' | 'shown' | 'count_open' | 'start' | 'by_token' | 'contents'>(
  new URL('./visits.sql', import.meta.url)
)

/** As the session's cookie, beside it: somebody signed in may open a link too. */
export const VISIT_COOKIE = config.secure ? '__Host-portico-visit' : 'portico-visit'

/** Hours that one opening lasts at most. */
const LASTS = 12

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
    setCookie(c, VISIT_COOKIE, token, {
      httpOnly: true,
      sameSite: 'Lax',
      path: '/',
      secure: config.secure,
      expires: new Date(started.expires_at)
    })
  return { id: started.id, setOn }
}

const Visitor = Facts.extend({
  visit_id: Id,
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

/** Lets only visits in whose link is open at this moment. */
export const requireVisit: MiddlewareHandler<{ Variables: VisitorVariables }> = async (c, next) => {
  const token = getCookie(c, VISIT_COOKIE)
  const visitor =
    token && token.length <= 128
      ? await row(database.pool, sql('by_token'), [hashToken(token)], Visitor)
      : null
  if (!visitor) throw new Problem('not_signed_in', 'Please open the link.')
  requireOpen(visitor)
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
