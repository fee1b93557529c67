/**
 * The object store's webhook. One INSERT per record, then 204; 503 only when that could not be committed, for a
 * refused event blocks all behind it: the store tries it again every 3 s, for ever (docs/architecture.md).
 */
import { z } from 'zod'
import { secret } from '../_shared/config.ts'
import { openDatabase, prepare, row, run, traceNow } from '../_shared/db/database.ts'
import { errorFacts, log } from '../_shared/log.ts'
import { sameSecret } from '../_shared/same-secret.ts'
import { currentTrace } from '../_shared/trace.ts'
import { readAccessEvent } from './access-event.ts'
import { archiveDelivered, documentDelivered } from './delivery.ts'
import { type Fact, readEvent } from './event.ts'

/** Bytes. MinIO sends one record of about 1 KiB an event; what is larger is kept as far as this. */
const MAX_BODY = 1024 * 1024

/** Milliseconds. A receiver that hangs blocks the store's queue for about a minute per try. */
const OWN_TIME = 5_000

const Traced = z.object({ trace: z.string().nullable() })

const database = openDatabase(
  `${secret('db-intake')}${secret('db-intake').includes('?') ? '&' : '?'}statement_timeout=4000`,
  4,
  OWN_TIME
)

// The trace first: the row's default reads it. The facts keep their order, which never deadlocks.
const RECORD = prepare(
  `with told as materialized (select set_config('portico.trace', $2, true))
   select inbox_record(f.bucket, f.key, f.object_version_id, f.kind, 'event', f.size, f.happened_at)
     from told, jsonb_to_recordset($1) as f(bucket text, key text, object_version_id text, kind text, size bigint, happened_at timestamptz)`
)

const answer = (status: number, more: Record<string, string> = {}) =>
  new Response(null, { status, headers: { 'cache-control': 'no-store', ...more } })

async function fetch(request: Request): Promise<Response> {
  // MinIO asks whether we are there before it sends, by HEAD or GET and without the token.
  if (request.method === 'HEAD' || request.method === 'GET') return answer(200)
  if (request.method !== 'POST') return answer(405)
  if (!sameSecret(request.headers.get('authorization') ?? '', `Bearer ${secret('intake-token')}`))
    return answer(401)

  const late = Promise.withResolvers<Response>()
  const timer = setTimeout(() => late.resolve(away('time is up')), OWN_TIME)
  try {
    return await Promise.race([take(request), late.promise])
  } finally {
    clearTimeout(timer)
  }
}

async function take(request: Request): Promise<Response> {
  try {
    const { bytes, whole } = await readBody(request)
    const text = bytes.toString('utf8')
    if (new URL(request.url).pathname === '/access') return await takeAccess(text)
    const read = whole ? readEvent(text) : { facts: [], unreadable: `larger than ${MAX_BODY} bytes` }
    // What the database will never take must not come again and again either.
    const refused = await record(read.facts).catch(refusal)
    const unreadable = refused ?? read.unreadable
    if (unreadable !== null) {
      await run(database.pool, 'insert into inbox_unreadable (body, reason) values ($1, $2)', [
        bytes,
        unreadable
      ])
      log.warn('unreadable_event', { reason: unreadable, bytes: bytes.length })
    }
    return answer(204, await traceOf(read.facts[0]))
  } catch (error) {
    return away(error)
  }
}

/** What the object belongs to: the store tells of it without a word about who sent it (W3C Trace Context 2, traceresponse). */
async function traceOf(fact: Fact | undefined): Promise<Record<string, string>> {
  if (!fact || !currentTrace()?.sampled) return {}
  const values = [fact.bucket, fact.key, fact.object_version_id, fact.kind]
  // It is committed already: whatever this says, the store hears yes.
  const found = await row(database.pool, 'select inbox_trace($1, $2, $3, $4) as trace', values, Traced).catch(
    () => null
  )
  return found?.trace ? { traceresponse: found.trace } : {}
}

/** One statement is one transaction: all of an event's facts or none, and a single way to the database and back. */
async function record(facts: Fact[]): Promise<null> {
  if (facts.length > 0) await run(database.pool, RECORD, [JSON.stringify(facts), traceNow()])
  return null
}

/** The reason, when the facts themselves are refused (SQLSTATE classes 22, 23 and 54); else the error goes on. */
function refusal(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (/^(22|23|54)\w{3}$/.test(code)) return `refused: ${code}`
  throw error
}

/** What the store has sent. When it covers the whole object for the first time, the delivery goes into the audit log. */
async function takeAccess(text: string): Promise<Response> {
  const sent = readAccessEvent(text)
  if (sent.length === 0) return answer(204)
  await database.transaction([], async (session, acts) => {
    for (const one of sent) {
      const act = one.archive ? await archiveDelivered(session, one) : await documentDelivered(session, one)
      if (act) acts.push(act)
    }
  })
  return answer(204)
}

function away(why: unknown): Response {
  log.error('not_committed', errorFacts(why))
  return new Response(null, { status: 503, headers: { 'retry-after': '3', 'cache-control': 'no-store' } })
}

/** At most MAX_BODY bytes of the body, and whether that is all of it. */
async function readBody(request: Request): Promise<{ bytes: Buffer; whole: boolean }> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request.body ?? []) {
    chunks.push(chunk.subarray(0, MAX_BODY - size))
    size += chunk.length
    if (size > MAX_BODY) return { bytes: Buffer.concat(chunks), whole: false }
  }
  return { bytes: Buffer.concat(chunks), whole: true }
}

export default { fetch }
export const warm = database.warm
export const close = database.close
