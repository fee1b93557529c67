/** What the answer of an endpoint means for the delivery and for the endpoint. Pure. */

/** Seconds. */
const MINUTE = 60
const HOUR = 3_600
/** How long one event is tried for. */
export const WEBHOOK_PATIENCE = 72 * HOUR
/** Waiting times after the first, second … try, as the Standard Webhooks specification recommends. */
const DELAYS = [5, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR]
/** Of a waiting time this much is chance, so that what failed together does not come back together. */
const JITTER = 0.2
/** An endpoint in trouble is asked no oftener than once in this time, however much waits for it. */
const MOST_QUIET = MINUTE
/** What an endpoint may ask for by Retry-After. */
const MOST_ASKED = 10 * HOUR
/** Tries in a row that failed, after which an answer means: it is back, and what waits is told at once. */
const BACK_AFTER = 3

/** `status` null: there was no answer, `failure` says why. */
export type Answered = { status: number | null; failure: string | null; retry_after: number | null }

export type Told = {
  /** This one counted. */
  attempts: number
  /** Seconds since it was first to be told. */
  age: number
  is_test: boolean
  /** The endpoint has taken something since then. */
  answered_since: boolean
  /** Tries in a row that this endpoint failed before. */
  failures: number
}

export type AnswerPlan = {
  delivery: { state: 'waiting'; after: number } | { state: 'delivered' | 'failed' }
  endpoint:
    | { does: 'answers'; is_back: boolean }
    | { does: 'fails'; quiet: number }
    | { does: 'nothing' }
    | { does: 'rests'; state: 'resting' | 'gone' }
  /** Why it did not get through, as a code; null when it did. */
  reason: string | null
}

/**
 * 2xx is taken. 410 ends it all. Everything else, redirects too, is tried again for three days; then the endpoint rests,
 * unless it took others meanwhile: then it is this one that it does not want. A test is tried once.
 *
 * @param chance 0 to 1
 */
export function afterAnswer(answer: Answered, told: Told, chance: number): AnswerPlan {
  const { status, failure } = answer
  if (status !== null && status >= 200 && status < 300)
    return {
      delivery: { state: 'delivered' },
      endpoint: { does: 'answers', is_back: told.failures >= BACK_AFTER },
      reason: null
    }
  const reason =
    status === null ? (failure ?? 'no_answer') : status >= 300 && status < 400 ? 'redirect' : 'status'
  const failed = { state: 'failed' as const }
  if (status === 410) return { delivery: failed, endpoint: { does: 'rests', state: 'gone' }, reason: 'gone' }
  if (told.is_test) return { delivery: failed, endpoint: { does: 'nothing' }, reason }

  const after = delay(told.attempts, answer.retry_after, chance)
  if (told.age + after <= WEBHOOK_PATIENCE)
    return {
      delivery: { state: 'waiting', after },
      endpoint: { does: 'fails', quiet: quiet(told.failures, chance) },
      reason
    }
  if (told.answered_since) return { delivery: failed, endpoint: { does: 'nothing' }, reason }
  return { delivery: failed, endpoint: { does: 'rests', state: 'resting' }, reason }
}

function delay(attempts: number, asked: number | null, chance: number): number {
  const own = DELAYS[Math.min(attempts, DELAYS.length) - 1] ?? 0
  return Math.max(own * (1 + JITTER * (chance - 0.5)), Math.min(asked ?? 0, MOST_ASKED))
}

const quiet = (failures: number, chance: number): number =>
  Math.min(MOST_QUIET, 2 ** Math.min(failures, 10)) * (0.5 + chance / 2)
