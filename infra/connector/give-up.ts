/** The end of a job that cannot be done: what it means for its thing, and the dead letter's audit row. */
import { z } from 'zod'
import type { Act } from '../../functions/_shared/db/audit.ts'
import { type Session, blocks, run } from '../../functions/_shared/db/database.ts'
import { errorFacts, log } from '../../functions/_shared/log.ts'
import type { Job, Kind } from '../../functions/_shared/pipeline/kind.ts'

const sql = blocks<'tell'>(new URL('./queue.sql', import.meta.url))

/** Mail about dead letters that is one itself would be told of by mail. */
const Telling = z.object({ template: z.literal('given_up') })
const isTellingOfDead = (job: Job): boolean => job.kind === 'notify' && Telling.safeParse(job.data).success

/**
 * Writes that the job is dead, in the caller's transaction. What the kind itself wants to say about it is kept apart by a
 * savepoint: a dead letter whose thing cannot be told about is still a dead letter, and holds up no other job. The mail to
 * the administrators is a job of the same transaction: within seconds somebody knows.
 */
export async function giveUp(
  session: Session,
  job: Job,
  kind: Kind,
  reason: string,
  acts: Act[]
): Promise<void> {
  const said: Act[] = []
  await session.query('savepoint thing')
  try {
    await kind.give_up(session, job, reason, said)
    acts.push(...said)
  } catch (error) {
    await session.query('rollback to savepoint thing')
    log.error('not_told', { job_id: job.id, kind: job.kind, ...errorFacts(error) })
  }
  await session.query('release savepoint thing')
  acts.push({
    action: 'job.dead',
    actor_id: null,
    project_id: kind.projects(job)[0] ?? null,
    document_id: said[0]?.document_id ?? null,
    subject_id: job.id,
    facts: { kind: job.kind, attempts: job.attempt, reason: reason.slice(0, 200) }
  })
  if (!isTellingOfDead(job)) await run(session, sql('tell'))
  log.error('job_dead', { job_id: job.id, kind: job.kind, reason })
}
