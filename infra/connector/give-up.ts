/** The end of a job that cannot be done: what it means for its thing, and the dead letter's audit row. */
import type { Act } from '../../functions/_shared/db/audit.ts'
import type { Session } from '../../functions/_shared/db/database.ts'
import { errorFacts, log } from '../../functions/_shared/log.ts'
import type { Job, Kind } from '../../functions/_shared/pipeline/kind.ts'

/**
 * Writes that the job is dead, in the caller's transaction. What the kind itself wants to say about it is kept apart by a
 * savepoint: a dead letter whose thing cannot be told about is still a dead letter, and holds up no other job.
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
  log.error('job_dead', { job_id: job.id, kind: job.kind, reason })
}
