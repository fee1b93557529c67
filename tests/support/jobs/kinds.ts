/** Jobs whose worker comes to a given end. */
import type { Answer, Job, Kind } from '../../../functions/_shared/pipeline/kind.ts'
import type { Outcome } from './model.ts'

/** A kind of job whose worker comes to a given end. Its effect is a row that tells who did it. */
export function kindFor(outcome: Outcome, attempts = 12): Kind {
  const effect: Kind['apply'] = async (session, job, answer) => {
    if (answer.outcome === 'continue') return
    await session.query('insert into effect (job_id, token) values ($1, $2)', [job.id, job.token])
  }
  return {
    at_once: 8,
    attempts,
    prepare: async (job) => ({ answer: answerOf(outcome, job) }),
    projects: () => [],
    apply: effect,
    give_up: async (session, job, reason) => {
      if (reason === 'quietly') await effect(session, job, { outcome: 'done', result: null }, [])
    }
  }
}

function answerOf(outcome: Outcome, job: Job): Answer {
  switch (outcome) {
    case 'done':
      return { outcome, result: null }
    case 'continue':
      return { outcome, cursor: (typeof job.cursor === 'number' ? job.cursor : 0) + 1, result: null }
    case 'retry':
      return { outcome, after_seconds: 30, reason: 'later' }
    case 'refused':
      return { outcome, reason: 'quietly' }
    case 'dead':
      return { outcome: 'refused', reason: 'no', dead: true }
    case 'broke':
      throw new Error('broke')
    case 'away':
      throw Object.assign(new Error('away'), { syscall: 'connect' })
  }
}
