/** One claimed job from its call to the transaction that completes it. */
import { z } from 'zod'
import { databaseAway } from '../../functions/_shared/answer-error.ts'
import { InputAway } from '../../functions/_shared/parser.ts'
import type { Answer, Deps, Job, Kind } from '../../functions/_shared/pipeline/kind.ts'
import { errorFacts, log } from '../../functions/_shared/log.ts'
import { inTrace, newTrace, nextStep, readTraceparent } from '../../functions/_shared/trace.ts'
import { type JobSeen, isSampled, jobs } from '../observe/seen.ts'
import { CallFailed, callFunction, wakeFunction } from './gateway.ts'
import { giveUp } from './give-up.ts'
import { completeJob, continueJob, failJob, killJob, putBackJob } from './queue.ts'

/** Milliseconds: how long a finished job's answer is kept for a database that is away, and between two tries. */
const SETTLE_FOR = 60_000
const SETTLE_EVERY = 500

export type Settings = { gateway_url: string; deps: Deps }

/** Works on one job. Never rejects: what fails is written to the job, and if that fails too its lease lapses. */
export async function workOn(job: Job, kind: Kind, settings: Settings): Promise<void> {
  const parent = readTraceparent(job.trace)
  const trace = parent ? nextStep(parent) : newTrace(isSampled())
  const from = Date.now()
  const end = await inTrace(trace, () => tryOne(job, kind, settings))
  const to = Date.now()
  const happened = end.outcome === 'done' && MAKES_RECORD.has(job.kind) ? happenedAt(job) : null
  const lag = happened === null ? null : Math.max(0, to - happened)
  const name = job.called ?? 'connector'
  jobs.tell({ kind: job.kind, function: name, ...end, from, to, lag, trace, parent })
}

/** Kinds that make a record of what the store tells. */
const MAKES_RECORD = new Set(['arrive', 'adopt'])
const Happened = z.object({ happened_at: z.coerce.date() })

/** When it was, by the store's clock where it said so. */
function happenedAt(job: Job): number | null {
  const said = Happened.safeParse(job.data).data?.happened_at.getTime()
  return said ?? (job.created_at === undefined ? null : Date.parse(job.created_at))
}

type End = Pick<JobSeen, 'outcome' | 'cause'>

async function tryOne(job: Job, kind: Kind, settings: Settings): Promise<End> {
  const started = performance.now()
  const facts = { job_id: job.id, kind: job.kind, attempt: job.attempt }
  try {
    // Its workers or functions died over it again and again: it is not given another one to kill.
    if (job.attempt > kind.attempts) return await bury(job, kind, settings.deps, 'died')
    const answer = await askFor(job, kind, settings)
    if (answer.outcome === 'refused' && answer.dead)
      return await bury(job, kind, settings.deps, answer.reason)
    await settle(job, kind, settings.deps, answer)
    const why = 'reason' in answer ? { reason: answer.reason } : {}
    log.info('job', {
      ...facts,
      outcome: answer.outcome,
      ...why,
      ms: Math.round(performance.now() - started)
    })
    return { outcome: answer.outcome, cause: 'reason' in answer ? answer.reason : null }
  } catch (error) {
    log.warn('job_failed', { ...facts, ...errorFacts(error) })
    return failed(job, kind, settings.deps, error).catch((worse: unknown) => {
      log.error('job_left_to_its_lease', { ...facts, ...errorFacts(worse) })
      return { outcome: 'lost', cause: causeOf(worse) }
    })
  }
}

async function askFor(job: Job, kind: Kind, { gateway_url, deps }: Settings): Promise<Answer> {
  for (const name of kind.needs_soon ?? []) wakeFunction(gateway_url, name)
  const prepared = await kind.prepare(job, deps)
  if ('call' in prepared) job.called = prepared.call.function
  const answer =
    'call' in prepared
      ? await callFunction(gateway_url, deps.job_signing_key, job, prepared.call)
      : prepared.answer
  return kind.look ? await kind.look(job, answer, deps) : answer
}

/** The answer's transaction. A database that is away is waited for: the function's work is not thrown away. */
async function settle(job: Job, kind: Kind, deps: Deps, answer: Answer): Promise<void> {
  const until = Date.now() + SETTLE_FOR
  for (;;)
    try {
      return await applyAnswer(job, kind, deps, answer)
    } catch (error) {
      if (!databaseAway(error) || Date.now() > until) throw error
      await new Promise((resolve) => setTimeout(resolve, SETTLE_EVERY))
    }
}

async function applyAnswer(job: Job, kind: Kind, deps: Deps, answer: Answer): Promise<void> {
  if (answer.outcome === 'retry')
    return putBackJob(deps.database.pool, job, answer.after_seconds, answer.reason)
  await deps.database.transaction([], async (session, acts) => {
    // First of all the fence: it locks the job's row, and says no to whoever's lease has lapsed meanwhile.
    const mine =
      answer.outcome === 'continue'
        ? await continueJob(session, job, answer.cursor)
        : await completeJob(session, job)
    if (!mine) throw new LostClaim('another claim has the job')
    if (answer.outcome === 'refused') await kind.give_up(session, job, answer.reason, acts)
    else await kind.apply(session, job, answer, acts)
  })
}

/** Somebody else has the job by now; what they do counts. */
class LostClaim extends Error {}

async function failed(job: Job, kind: Kind, deps: Deps, error: unknown): Promise<End> {
  const cause = causeOf(error)
  if (error instanceof LostClaim) return { outcome: 'lost', cause }
  const reason = reasonOf(error)
  if (isAway(error)) {
    await putBackJob(deps.database.pool, job, null, reason)
    return { outcome: 'retry', cause }
  }
  if (job.attempt >= Math.min(kind.attempts, job.max_attempts)) {
    return { ...(await bury(job, kind, deps, reason)), cause }
  }
  await failJob(deps.database.pool, job, reason)
  return { outcome: 'failed', cause }
}

/** A word for counting: of an error its kind, never its message, which may name what is somebody's. */
function causeOf(error: unknown): string {
  if (error instanceof CallFailed) return error.message
  if (error instanceof LostClaim) return 'lost_claim'
  if (databaseAway(error)) return 'database_away'
  return error instanceof Error ? error.name : 'unknown'
}

const reasonOf = (error: unknown): string => {
  if (error instanceof CallFailed) return error.message
  return error instanceof Error ? `${error.name}: ${error.message}` : 'unknown'
}

/** The surroundings are away, not the job's fault: no gateway, no database, no store (its SDK's errors say so). */
function isAway(error: unknown): boolean {
  if (error instanceof CallFailed) return error.kind === 'away'
  if (error instanceof InputAway) return true
  return databaseAway(error) || (error instanceof Error && ('$metadata' in error || 'syscall' in error))
}

/** A dead letter: the job's state, what it means for its thing, and the audit row, all or nothing. */
async function bury(job: Job, kind: Kind, deps: Deps, reason: string): Promise<End> {
  return deps.database.transaction([], async (session, acts) => {
    if (!(await killJob(session, job, reason))) return { outcome: 'lost', cause: 'lost_claim' }
    await giveUp(session, job, kind, reason, acts)
    return { outcome: 'dead', cause: reason }
  })
}
