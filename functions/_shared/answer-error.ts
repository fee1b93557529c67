/** From a thrown error to the answer. Apart from serve.ts, whose start waits for the handler that imports this. */
import { errorFacts, log } from './log.ts'
import { Problem, problemResponse } from './problem.ts'

/** Whatever was thrown, as an answer; what we did not foresee is a bare 500 with an id that the log has too. */
export function answerError(error: unknown, callId: string): Response {
  if (error instanceof Problem) {
    if (error.status >= 500) log.error('problem', { call_id: callId, code: error.code, ...errorFacts(error) })
    return problemResponse(error, callId)
  }
  if (isUnkeepable(error))
    return problemResponse(
      new Problem('invalid_request', 'A text holds a character that cannot be kept.'),
      callId
    )
  const known = away(error)
  log.error('unexpected', { call_id: callId, ...errorFacts(error) })
  return problemResponse(known ?? new Problem('internal'), callId)
}

/** JSON can say U+0000, PostgreSQL cannot keep it (SQLSTATE 22021). Only what came from outside holds it. */
function isUnkeepable(error: unknown): boolean {
  for (let e: unknown = error; e instanceof Error; e = e.cause)
    if ('code' in e && e.code === '22021') return true
  return false
}

const DATABASE_AWAY = new Set([
  '57P01',
  '57P02',
  '57P03',
  // It has no room: no disk, no memory, no connection. Its files cannot be read or written.
  '53100',
  '53200',
  '53300',
  '53400',
  '58030',
  '08006',
  '08001',
  '08003',
  '08004',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN'
])

/** Whether this, or what caused it, means that the database does not answer. */
export function databaseAway(error: unknown): boolean {
  for (let e: unknown = error; e instanceof Error; e = e.cause) {
    if ('code' in e && DATABASE_AWAY.has(String(e.code))) return true
    if (/Connection terminated|timeout exceeded when trying to connect|Query read timeout/.test(e.message))
      return true
  }
  return false
}

/** The database or the store is away: say so and say when to try again, instead of a 500. */
function away(error: unknown): Problem | null {
  for (let e: unknown = error; e instanceof Error; e = e.cause)
    if ('$metadata' in e)
      return new Problem('store_away', 'The document store does not answer.', { retryAfter: 5 })
  return databaseAway(error)
    ? new Problem('database_away', 'The database does not answer.', { retryAfter: 5 })
    : null
}
