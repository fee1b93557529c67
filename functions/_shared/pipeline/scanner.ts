/** scanner: asks the virus scanner who it is, and keeps the answer for the clock (rescan_add) and the doctor. */
import { ScannerSeen } from '../contract/job.ts'
import { run } from '../db/database.ts'
import type { Kind } from './kind.ts'

/** Seconds. */
const LIMIT = 15

export const scanner: Kind = {
  at_once: 1,
  attempts: 3,
  prepare: async (job) => ({
    call: { function: 'scan', path: '/scanner', body: { job: job.id, kind: 'scanner' }, limit_seconds: LIMIT }
  }),
  projects: () => [],
  apply: async (session, _job, answer) => {
    if (answer.outcome !== 'done') return
    const { scanner: facts, problem } = ScannerSeen.parse(answer.result)
    await run(
      session,
      `insert into clock_mark (name, at, data) values ('scanner', now(), $1)
       on conflict (name) do update set at = excluded.at, data = excluded.data`,
      [{ ...facts, problem }]
    )
  },
  give_up: async () => undefined
}
