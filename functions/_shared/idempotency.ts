/**
 * `Idempotency-Key` on POST: the same request with the same key is done once and answered alike, however often an answer
 * got lost on the way (draft-ietf-httpapi-idempotency-key-header). Keys are one person's own and live a
 * day; those of rules eight, longer than their jobs are tried.
 */
import type { Context, MiddlewareHandler } from 'hono'
import { createHash, randomUUID } from 'node:crypto'
import { z } from 'zod'
import { databaseAway } from './answer-error.ts'
import type { Caller } from './auth/session.ts'
import { type Database, type Session, blocks, row, run } from './db/database.ts'
import type { Variables } from './http.ts'
import { keyInHand } from './key.ts'
import { errorFacts, log } from './log.ts'
import { Problem } from './problem.ts'

const sql = blocks<'claim' | 'look' | 'save' | 'release'>(new URL('./idempotency.sql', import.meta.url))

const Known = z.object({ same: z.boolean(), status: z.number().nullable(), body: z.unknown() })

/** Milliseconds that a claim is certainly ours (after two minutes it may be taken over), and between two tries to settle it. */
const OURS = 110_000
const SETTLE_EVERY = 500

/** What a route may remember its answer by. */
type Claim = { person_id: string; key: string; id: string; saved: boolean; until: number }
const claims = new WeakMap<Request, Claim>()

/** The request's key; null without one. Throws `invalid_request`. */
export function idempotencyKey(c: Context): string | null {
  const key = c.req.header('idempotency-key')
  if (key === undefined) return null
  if (key.length === 0 || key.length > 255)
    throw new Problem('invalid_request', 'An Idempotency-Key has 1 to 255 characters.')
  return key
}

/**
 * Behind `requireCaller`, before the route. Answers a repeated request from memory; throws `idempotency_mismatch` when
 * the key came with another request before, `idempotency_in_progress` while the first is still being answered.
 */
export function idempotent(database: Database): MiddlewareHandler<{ Variables: Variables }> {
  return async (c, next) => {
    const key = idempotencyKey(c)
    if (key === null) return next()
    const caller: Caller = c.get('caller')
    const claim: Claim = {
      person_id: caller.id,
      key,
      id: randomUUID(),
      saved: false,
      until: Date.now() + OURS
    }
    const known = await claimKey(database, claim, await hashOf(c))
    if (known) return answerAgain(known)

    claims.set(c.req.raw, claim)
    try {
      await next()
    } finally {
      await settle(database, claim, c)
    }
  }
}

/**
 * Remembers the answer in the transaction of what it tells of, so that both are there or neither. Without a key it does
 * nothing. A route that does not call it is remembered after it answered.
 */
export async function remember(c: Context, session: Session, status: number, body: unknown): Promise<void> {
  const claim = claims.get(c.req.raw)
  if (!claim) return
  await run(session, sql('save'), [claim.person_id, claim.key, claim.id, status, JSON.stringify(body)])
  claim.saved = true
}

async function hashOf(c: Context): Promise<Buffer> {
  const body = await c.req.text()
  // One key of a person's answers nothing that another asked for: they may reach different projects.
  const hand = keyInHand()?.id ?? ''
  return createHash('sha256').update(`${c.req.method}\n${c.req.path}\n${hand}\n${body}`).digest()
}

async function claimKey(
  database: Database,
  claim: Claim,
  hash: Buffer
): Promise<z.infer<typeof Known> | null> {
  const { person_id, key, id } = claim
  try {
    // A claim whose function died is taken over once no call can still be at it.
    if ((await run(database.pool, sql('claim'), [person_id, key, hash, id])) === 1) return null
  } catch (error) {
    // It may have been made, and only its answer lost.
    if (databaseAway(error)) void settleLater(database, claim, sql('release'), [person_id, key, id])
    throw error
  }
  return row(database.pool, sql('look'), [person_id, key, hash], Known)
}

/** A key that came with another request. */
export const keyMismatch = (): Problem =>
  new Problem('idempotency_mismatch', 'This Idempotency-Key came with another request before.')

function answerAgain(known: z.infer<typeof Known>): Response {
  if (!known.same) throw keyMismatch()
  if (known.status === null)
    throw new Problem('idempotency_in_progress', 'The first request with this key is still being answered.', {
      retryAfter: 1
    })
  return Response.json(known.body, { status: known.status, headers: { 'idempotency-replayed': 'true' } })
}

/** After the route: its success is kept if it was not yet, a failure frees the key. */
async function settle(database: Database, claim: Claim, c: Context): Promise<void> {
  const { person_id, key, id } = claim
  if (claim.saved && c.res.ok) return
  const [text, values] = c.res.ok
    ? [sql('save'), [person_id, key, id, c.res.status, JSON.stringify(await c.res.clone().json())]]
    : [sql('release'), [person_id, key, id]]
  await run(database.pool, text, values).catch((error: unknown) => {
    if (!databaseAway(error)) throw error
    void settleLater(database, claim, text, values)
  })
}

/**
 * The database went away under the request. Whoever asks again shall not have to wait until the claim is old, nor have
 * it done twice: tried again until then. Should this process end before, the claim's age still frees the key.
 */
async function settleLater(database: Database, claim: Claim, text: string, values: unknown[]): Promise<void> {
  while (Date.now() < claim.until) {
    await new Promise((resolve) => setTimeout(resolve, SETTLE_EVERY).unref())
    try {
      return void (await run(database.pool, text, values))
    } catch (error) {
      if (!databaseAway(error)) return log.error('key_not_settled', errorFacts(error))
    }
  }
}
