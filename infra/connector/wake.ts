/** Wakes the connector: by NOTIFY at once, by a poll each second for what no NOTIFY tells (due retries, lapsed leases). */
import pg from 'pg'
import { errorFacts, log } from '../../functions/_shared/log.ts'

/** Milliseconds. */
const POLL = 1_000
const RECONNECT = 1_000

/**
 * Listens on `portico_job`, whose payload is the job's kind, for as long as it is not stopped; comes back by itself
 * after the database was away.
 *
 * @param wake called with the kind that has work, or null: look at all kinds
 * @param poll called each second
 * @returns stops listening and polling
 */
export function listen(
  url: string,
  wake: (kind: string | null) => void,
  poll: () => void
): () => Promise<void> {
  let client: pg.Client | undefined
  let stopped = false
  const timer = setInterval(poll, POLL)

  async function connect(): Promise<void> {
    if (stopped) return
    const mine = new pg.Client({
      connectionString: url,
      keepAlive: true,
      connectionTimeoutMillis: 5_000,
      application_name: 'portico connector'
    })
    client = mine
    let lost = false
    const again = (error?: Error) => {
      if (lost || stopped) return
      lost = true
      log.warn('not_listening', errorFacts(error ?? new Error('connection ended')))
      mine.end().catch(() => {})
      setTimeout(() => void connect(), RECONNECT)
    }
    mine.on('error', again).on('end', () => again())
    mine.on('notification', (message) => wake(message.payload || null))
    try {
      await mine.connect()
      await mine.query('listen portico_job')
      wake(null) // what was told while nobody listened
    } catch (error) {
      again(error instanceof Error ? error : new Error(String(error)))
    }
  }

  void connect()
  return async () => {
    stopped = true
    clearInterval(timer)
    await client?.end().catch(() => {})
  }
}
