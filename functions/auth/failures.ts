/** Failed sign-ins in the log: the first ten of a source and minute one by one, the rest as one row with its count. */
import type { Context } from 'hono'
import { z } from 'zod'
import { addressKey } from '../_shared/limits.ts'
import type { Act } from '../_shared/db/audit.ts'
import { blocks, row, rows } from '../_shared/db/database.ts'
import { errorFacts, log } from '../_shared/log.ts'
import { database } from './database.ts'
import { clientOf } from './session.ts'

const sql = blocks<'count' | 'take_ended'>(new URL('./failures.sql', import.meta.url))

/** Rows of one source and minute that are written singly. */
const SINGLY = 10
const MINUTE = 60_000

const Count = z.object({ points: z.int() })
const Ended = z.object({ key: z.string(), points: z.int() })

const minuteKey = (at: number) => `failed:${String(Math.floor(at / MINUTE)).padStart(10, '0')}`

let timer: NodeJS.Timeout | undefined

/**
 * Writes down that somebody did not get in.
 *
 * @param subjectId the account that was tried, when there is one; told to nobody but the log
 */
export async function recordFailure(c: Context, reason: string, subjectId: string | null): Promise<void> {
  const { address, device } = clientOf(c)
  const now = Date.now()
  await database.transaction([], async (session, acts) => {
    const count = await row(session, sql('count'), [`${minuteKey(now)}:${addressKey(address)}`], Count)
    if ((count?.points ?? 0) > SINGLY) return
    acts.push({
      action: 'session.failed',
      actor_id: null,
      subject_id: subjectId,
      facts: { reason, count: 1 },
      detail: { address, device }
    })
  })
  // The sum is due when the minute is over, whether or not anybody comes again.
  timer ??= setTimeout(() => void flush(), MINUTE - (now % MINUTE) + 1_000).unref()
}

/** Writes the sums of minutes that are over. Also at the function's start: the one before may have died with some. */
export async function sumFailures(now = Date.now()): Promise<void> {
  await database.transaction([], async (session, acts) => {
    const ended = await rows(session, sql('take_ended'), [minuteKey(now)], Ended)
    for (const { key, points } of ended) if (points > SINGLY) acts.push(sumOf(key, points - SINGLY))
  })
}

function sumOf(key: string, count: number): Act {
  const [, minute = '0', ...address] = key.split(':')
  return {
    action: 'session.failed',
    actor_id: null,
    facts: { reason: 'summed', count, minute: new Date(Number(minute) * MINUTE).toISOString() },
    detail: { address: address.join(':') }
  }
}

async function flush(): Promise<void> {
  timer = undefined
  await sumFailures().catch((error: unknown) => log.warn('failures_not_summed', errorFacts(error)))
}
