/** Programs come in with `Authorization: Bearer`: a key of one person, SHA-256 at rest, limited by scope, project and time. */
import type { Context } from 'hono'
import { createHash, randomBytes } from 'node:crypto'
import { z } from 'zod'
import { AnyScope } from '../contract/api-key.ts'
import { Id } from '../contract/common.ts'
import { type Database, blocks, prepare, row, run } from '../db/database.ts'
import type { KeyInHand } from '../key.ts'
import type { Limits } from '../limits.ts'
import { Problem } from '../problem.ts'
import { type OpenToKeys, keyAllows } from '../rules/api-key.ts'
import { Caller } from './caller.ts'

const sql = blocks<'caller_by_key' | 'touch_key'>(new URL('./api-key.sql', import.meta.url))

/** Makes keys findable for whoever looks for secrets in what was published by mistake. */
const PREFIX = 'portico_'
const TOKEN = /^portico_[A-Za-z0-9_-]{43}$/

const KeyRow = Caller.extend({ scopes: z.array(AnyScope), project_id: Id.nullable() })

/** A new token of 256 bit, and what is kept of it. */
export function newKeyToken(): { token: string; hash: Buffer } {
  const token = PREFIX + randomBytes(32).toString('base64url')
  return { token, hash: hashOf(token) }
}

const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest()

/** What came after `Authorization: Bearer`; null without such a header. */
export function bearerOf(c: Context): string | null {
  return /^bearer +(\S*) *$/i.exec(c.req.header('authorization') ?? '')?.[1] ?? null
}

/**
 * Who calls with this token, and the key. Throws `not_signed_in` for a token that opens nothing, `too_many_attempts` for
 * too many of those or too many calls, `forbidden` for what the key does not reach.
 *
 * @param name the function that is called
 * @param address of the program's machine
 */
export async function callerByKey(
  c: Context,
  database: Database,
  token: string,
  name: OpenToKeys,
  address: string
): Promise<{ caller: Caller; key: KeyInHand }> {
  const limits = await limitsOf(database)
  const found = TOKEN.test(token)
    ? await row(database.pool, prepare(sql('caller_by_key')), [hashOf(token)], KeyRow)
    : null
  if (!found) {
    await limits.spend([{ limit: 'key_failed', key: address }])
    throw new Problem('not_signed_in', 'This API key opens nothing: unknown, expired or revoked.')
  }
  await limits.spend([{ limit: 'key', key: found.session_id }])
  if (found.stale) await run(database.pool, sql('touch_key'), [found.session_id])
  const { scopes, project_id, ...caller } = found
  const key = { id: found.session_id, scopes, project_id }
  const verdict = keyAllows(key, name, c.req.method, c.req.path)
  if (verdict.allowed) return { caller, key }
  if (verdict.missing) throw new Problem('forbidden', `This needs a key with the scope "${verdict.missing}".`)
  throw new Problem('forbidden', 'This is not open to this API key.')
}

const known = new WeakMap<Database, Promise<Limits>>()

/** Loaded with the first key: functions that only people call start without it. */
function limitsOf(database: Database): Promise<Limits> {
  const limits = known.get(database) ?? import('../limits.ts').then(({ openLimits }) => openLimits(database))
  known.set(database, limits)
  return limits
}
