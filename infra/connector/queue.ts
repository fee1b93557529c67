/** The job table from the connector's side. A claim is a token and a lease; only the newest claim is believed. */
import { z } from 'zod'
import { Id, Time } from '../../functions/_shared/contract/common.ts'
import { type Database, type Session, blocks, row, rows, run } from '../../functions/_shared/db/database.ts'
import type { Job, Kind } from '../../functions/_shared/pipeline/kind.ts'
import { newTrace, nextStep, readTraceparent } from '../../functions/_shared/trace.ts'
import { type JobSeen, claims, isSampled, jobs as jobsSeen } from '../observe/seen.ts'
import { giveUp } from './give-up.ts'

const sql = blocks<'due' | 'claim' | 'done' | 'continue' | 'put_back' | 'fail' | 'die' | 'beat'>(
  new URL('./queue.sql', import.meta.url)
)

/** Seconds. A killed connector's jobs come due again after so long; a living one beats three times within it. */
export const LEASE = 10

/** The kinds that have something to do now: one cheap question a second instead of one claim per kind. */
export async function dueKinds(pool: Database['pool']): Promise<string[]> {
  return (await rows(pool, sql('due'), [], z.object({ kind: z.string() }))).map((due) => due.kind)
}

const Claimed = z.object({
  id: Id,
  kind: z.string(),
  data: z.unknown(),
  cursor: z.unknown(),
  fairness_key: z.string(),
  attempt: z.int(),
  max_attempts: z.int(),
  token: z.uuid().nullable(),
  state: z.enum(['active', 'dead']),
  error: z.string().nullable(),
  trace: z.string().nullable(),
  created_at: Time
})

/**
 * Claims up to `count` due jobs of a kind. Those that had used up their attempts (their last worker died over them) are
 * given up in the same transaction, audit row included, and are not returned.
 */
export async function claimJobs(database: Database, kind: Kind, name: string, count: number): Promise<Job[]> {
  const { jobs, dead } = await database.transaction([], async (session, acts) => {
    const claimed = await rows(session, sql('claim'), [name, LEASE, count], Claimed)
    const jobs: Job[] = []
    const dead: Job[] = []
    for (const { state, error, token, ...job } of claimed)
      if (state === 'active' && token) jobs.push({ ...job, token })
      else {
        dead.push({ ...job, token: '' })
        await giveUp(session, { ...job, token: '' }, kind, error ?? 'died', acts)
      }
    return { jobs, dead }
  })
  if (jobs.length > 0) claims.tell({ kind: name, count: jobs.length })
  for (const job of dead) jobsSeen.tell(unclaimed(job))
  return jobs
}

/** Its last worker died over it: there is nobody left who could tell. */
function unclaimed(job: Job): JobSeen {
  const now = Date.now()
  const parent = readTraceparent(job.trace)
  const trace = parent ? nextStep(parent) : newTrace(isSampled())
  const end = { outcome: 'dead', cause: 'died', from: now, to: now, lag: null } as const
  return { kind: job.kind, function: 'connector', ...end, trace, parent }
}

const Mine = z.object({ mine: z.boolean() })
const isMine = async (on: Session | Database['pool'], text: string, values: unknown[]): Promise<boolean> =>
  (await row(on, text, values, Mine))?.mine ?? false

const called = (job: Job): string | null => job.called ?? null

/** The job is done. False: somebody else has claimed it since. Locks the row until the transaction ends. */
export const completeJob = (session: Session, job: Job): Promise<boolean> =>
  isMine(session, sql('done'), [job.id, job.token])

/** The job goes on from a cursor. False as above. */
export const continueJob = (session: Session, job: Job, cursor: unknown): Promise<boolean> =>
  isMine(session, sql('continue'), [job.id, job.token, JSON.stringify(cursor)])

/** Again in `seconds` (null: ever more rarely, the longer it is away); the attempt does not count. */
export async function putBackJob(
  pool: Database['pool'],
  job: Job,
  seconds: number | null,
  reason: string
): Promise<void> {
  await run(pool, sql('put_back'), [job.id, job.token, reason.slice(0, 300), seconds, called(job)])
}

/** Again after a while that doubles with each attempt; the attempt counts. */
export async function failJob(pool: Database['pool'], job: Job, reason: string): Promise<void> {
  await run(pool, sql('fail'), [job.id, job.token, reason.slice(0, 300), called(job)])
}

/** Never again. False: somebody else has claimed it since. */
export async function killJob(session: Session, job: Job, reason: string): Promise<boolean> {
  const State = z.object({ state: z.string().nullable() })
  const killed = await row(session, sql('die'), [job.id, job.token, reason.slice(0, 300), called(job)], State)
  return killed?.state === 'dead'
}

/** Prolongs the leases of what runs. */
export async function beatJobs(pool: Database['pool'], jobs: Job[]): Promise<void> {
  await run(pool, sql('beat'), [jobs.map((job) => job.id), jobs.map((job) => job.token), LEASE])
}
