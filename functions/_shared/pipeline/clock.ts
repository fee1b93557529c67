/** clock: the periodic acts; functions/clock does them, slice by slice. Nothing is written here but that they went on. */
import { z } from 'zod'
import { ClockAct } from '../contract/job.ts'
import type { Kind } from './kind.ts'

/** Seconds. */
const LIMIT = 30

export const ClockJob = z.object({ act: ClockAct })

export const clock: Kind = {
  at_once: 1,
  attempts: 12,

  prepare: async (job) => ({
    call: {
      function: 'clock',
      path: '/',
      body: { job: job.id, kind: 'clock', ...ClockJob.parse(job.data), cursor: job.cursor },
      limit_seconds: LIMIT
    }
  }),

  projects: () => [],
  apply: async () => undefined,
  give_up: async () => undefined
}
