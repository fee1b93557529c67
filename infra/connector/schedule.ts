/**
 * The clock's hands: puts the periodic acts into the job table, each once per slot however many connectors run, and
 * the telling of what has happened, to people and to other programs, and the mail that is due.
 */
import { writeFile } from 'node:fs/promises'
import type { ClockAct } from '../../functions/_shared/contract/job.ts'
import type { Database } from '../../functions/_shared/db/database.ts'
import { blocks, run } from '../../functions/_shared/db/database.ts'
import { HAPPENS } from '../../functions/_shared/rules/automation.ts'
import { errorFacts, log } from '../../functions/_shared/log.ts'
import { TOLD_ACTS } from '../../functions/_shared/rules/event.ts'
import { TOLD } from '../../functions/_shared/rules/notice.ts'

const sql = blocks<
  | 'alive'
  | 'due'
  | 'add'
  | 'ask_scanner'
  | 'no_scanner'
  | 'news'
  | 'digests'
  | 'events'
  | 'automations'
  | 'automations_by_day'
  | 'webhooks'
>(new URL('./schedule.sql', import.meta.url))

/** What functions/clock does, and how often. The night's act also runs at the very first start. */
const ACTS = {
  reconcile_recent: 'minute',
  reconcile_all: 'night',
  sweep_uploads: 'hour',
  empty_trash: 'minute',
  sweep_archives: 'hour',
  guests: 'hour',
  locks: 'hour',
  emergencies: 'minute',
  backups: 'minute',
  scanner: 'minute',
  clean_up: 'hour'
} satisfies Record<ClockAct, 'minute' | 'hour' | 'night'>

/** Milliseconds between two looks at the clock. */
const LOOK = 5_000
/** The same for other programs, which gather nothing: without an endpoint it is a look into an empty table. */
const QUICK = 1_000

/**
 * Keeps the schedule until stopped. Recent keys are reconciled at the start as well: the store may have restarted with
 * us, and it loses events then.
 *
 * @param hasScanner the operator named a virus scanner
 * @param alive_file written after each look; null: none
 */
export function keepSchedule(
  database: Database,
  hasScanner: boolean,
  alive_file: string | null = null
): () => void {
  let busy = false
  async function look(): Promise<void> {
    if (busy) return
    busy = true
    try {
      for (const [act, slot] of Object.entries(ACTS))
        await database.transaction([], async (session) => {
          if ((await run(session, sql('due'), [`schedule.${act}`, slot])) > 0)
            await run(session, sql('add'), [act])
        })
      if (hasScanner)
        await database.transaction([], async (session) => {
          if ((await run(session, sql('due'), ['schedule.ask_scanner', 'hour'])) > 0)
            await run(session, sql('ask_scanner'))
        })
      if ((await run(database.pool, sql('due'), ['schedule.automations', 'hour'])) > 0)
        await run(database.pool, sql('automations_by_day'))
      await run(database.pool, sql('news'), [TOLD])
      await run(database.pool, sql('digests'))
      await run(database.pool, sql('alive'))
    } catch (error) {
      log.warn('schedule_waits', errorFacts(error))
    } finally {
      busy = false
    }
    // Also while the database is away: it is hung that should be started again, not who waits.
    if (alive_file !== null)
      await writeFile(alive_file, new Date().toISOString()).catch((error: unknown) =>
        log.warn('not_told_alive', errorFacts(error))
      )
  }
  let asking = false
  async function tellMachines(): Promise<void> {
    if (asking) return
    asking = true
    try {
      await run(database.pool, sql('events'), [TOLD_ACTS])
      await run(database.pool, sql('automations'), [HAPPENS])
      await run(database.pool, sql('webhooks'))
    } catch (error) {
      log.warn('schedule_waits', errorFacts(error))
    } finally {
      asking = false
    }
  }
  const timer = setInterval(() => void look(), LOOK)
  const quick = setInterval(() => void tellMachines(), QUICK)
  run(database.pool, sql('add'), ['reconcile_recent'])
    .then(() => (hasScanner ? 0 : run(database.pool, sql('no_scanner'))))
    .catch((error: unknown) => log.warn('schedule_waits', errorFacts(error)))
    .finally(() => void look())
  return () => {
    clearInterval(timer)
    clearInterval(quick)
  }
}
