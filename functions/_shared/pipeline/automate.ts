/**
 * automations: the audit log's newest acts begin runs of the rules that wait for them, as notices.ts tells of them. automate:
 * one run, done by functions/automations. What a rule did begins no rule: its acts bear its key.
 */
import { z } from 'zod'
import { RunJob, RunResult } from '../contract/automation.ts'
import { blocks, row, run } from '../db/database.ts'
import { HAPPENS } from '../rules/automation.ts'
import type { Job, Kind } from './kind.ts'

const sql = blocks<'mark' | 'next' | 'set_mark' | 'begin' | 'begin_old' | 'end' | 'forget'>(
  new URL('./automate.sql', import.meta.url)
)

/** Seconds that a run may take: its acts are calls of some milliseconds each. */
const LIMIT = 60
const Seq = z.object({ seq: z.int().nullable() })
const Look = z.object({ old: z.boolean().default(false) })

export const automations: Kind = {
  at_once: 1,
  attempts: 12,
  prepare: async () => ({ answer: { outcome: 'done', result: null } }),
  projects: () => [],
  apply: async (session, job) => {
    if (Look.parse(job.data).old) {
      await run(session, sql('begin_old'))
      await run(session, sql('forget'))
      return
    }
    const from = (await row(session, sql('mark'), [], Seq))?.seq ?? 0
    const to = (await row(session, sql('next'), [from], Seq))?.seq
    if (!to) return
    await run(session, sql('begin'), [from, to, HAPPENS])
    await run(session, sql('set_mark'), [to])
  },
  give_up: async () => undefined
}

export const automate: Kind = {
  at_once: 2,
  attempts: 5,

  prepare: async (job) => ({
    call: {
      function: 'automations',
      path: '/run',
      body: { job: job.id, kind: 'automate', ...RunJob.parse(job.data) },
      limit_seconds: LIMIT
    }
  }),

  projects: (job) => [RunJob.parse(job.data).project_id],

  apply: async (session, job, answer, acts) => {
    if (answer.outcome !== 'done') return
    const result = RunResult.parse(answer.result)
    const ran = await end(session, job, result)
    if (ran && result.state !== 'not_meant') acts.push(actOf(ran, result))
  },

  give_up: async (session, job, _reason, acts) => {
    const result: RunResult = { state: 'failed', steps: [] }
    const ran = await end(session, job, result)
    if (ran) acts.push(actOf(ran, result))
  }
}

const Ran = z.object({
  automation_id: z.string(),
  project_id: z.string(),
  document_id: z.string(),
  cause: z.number()
})
type Ran = z.infer<typeof Ran>

/** Null: it has ended before. */
const end = (
  session: Parameters<Kind['apply']>[0],
  job: Job,
  { state, steps }: RunResult
): Promise<Ran | null> =>
  row(session, sql('end'), [RunJob.parse(job.data).run_id, state, JSON.stringify(steps)], Ran)

const actOf = ({ automation_id, project_id, document_id, cause }: Ran, { state, steps }: RunResult) => ({
  action: 'automation.ran' as const,
  actor_id: null,
  project_id,
  document_id,
  subject_id: automation_id,
  facts: { cause, state, acts: steps.map((step) => `${step.do}:${step.outcome}`).join(' ') }
})
