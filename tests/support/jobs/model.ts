/**
 * Inbox and jobs as they must behave, in plain TypeScript: what one may be told of an object, and each job from its claim
 * to its end. Times are those of the database, in milliseconds; `pass` moves them all.
 */

import type { Job } from '../../../functions/_shared/pipeline/kind.ts'

/** An object in the store, or its removal, of which the portal may be told in three ways and as often as one likes. */
export type Fact = { key: string; version: string; kind: 'created' | 'removed' }
export type Source = 'event' | 'api' | 'reconciliation'

export type ModelJob = {
  id: string
  unique_key: string
  state: 'ready' | 'active' | 'done' | 'dead'
  attempt: number
  token: string | null
  cursor: number | null
  error: string | null
  run_at: number
  /** Since when its surroundings are allowed to be away. */
  patience_from: number
  /** What happened to it, each time. */
  history: { outcome: 'failed' | 'lapsed' | 'dead' | 'again'; error: string | null }[]
  /** How often its work was done, and how often it was given up with an act. */
  effects: number
  deaths: number
}

/** What came of a claimed job at its worker's. */
export const OUTCOMES = ['done', 'continue', 'retry', 'refused', 'dead', 'broke', 'away'] as const
export type Outcome = (typeof OUTCOMES)[number]

/** As infra/connector/queue.ts, the migrations and docs/decisions/attempts.md have them. */
/** How often a worker may die over a job; the first connector takes it for a kind that is never afraid, the others for a preview. */
export const ATTEMPTS = [12, 5, 5] as const
export const CONNECTORS = ATTEMPTS.length
export const LEASE = 10_000
export const MAX_ATTEMPTS = 12
export const PATIENCE = 72 * 3_600_000
export const RETRY = 30_000

export type Range = { least: number; most: number }

/** What a test counts, so that it can say that the sequences came everywhere. */
export const SITUATIONS = [
  'told again',
  'told first by event',
  'told first by api',
  'told first by reconciliation',
  'lease lapsed',
  'stale answer',
  'kept by heartbeat',
  'done',
  'continued',
  'put back',
  'put back beyond its patience',
  'broke',
  'buried by its worker',
  'dead at the claim',
  'dead at the claim while it waited',
  'redriven',
  'not redriven beside its twin'
] as const
export type Situation = (typeof SITUATIONS)[number]

export class Model {
  readonly store = new Map<string, Fact>()
  readonly heard = new Set<string>()
  readonly jobs = new Map<string, ModelJob>()
  /** What each connector has claimed and not answered yet, whether or not it still counts. */
  readonly held: Job[][] = Array.from({ length: CONNECTORS }, () => [])
  incidents = 0
  /** The database's time when it was last looked at. */
  now = 0
  readonly #reached: (situation: Situation) => void

  constructor(reached: (situation: Situation) => void) {
    this.#reached = reached
  }

  static nameOf(fact: Fact): string {
    return `${fact.key} ${fact.version} ${fact.kind}`
  }

  /** Whether it is news, and whether it makes a job. */
  tell(fact: Fact, source: Source): { fresh: boolean; makes_job: boolean } {
    const name = Model.nameOf(fact)
    if (this.heard.has(name)) {
      this.#reached('told again')
      return { fresh: false, makes_job: false }
    }
    this.heard.add(name)
    this.#reached(`told first by ${source}`)
    if (fact.kind === 'removed') this.incidents += 1
    return { fresh: true, makes_job: fact.kind === 'created' && source !== 'api' }
  }

  /** Whether a job of this name waits or runs. */
  isOpen(unique_key: string): boolean {
    return [...this.jobs.values()].some(
      (job) => job.unique_key === unique_key && ['ready', 'active'].includes(job.state)
    )
  }

  added(id: string, unique_key: string, now: number): void {
    this.jobs.set(id, {
      id,
      unique_key,
      state: 'ready',
      attempt: 0,
      token: null,
      cursor: null,
      error: null,
      run_at: now,
      patience_from: now,
      history: [],
      effects: 0,
      deaths: 0
    })
  }

  due(now: number): ModelJob[] {
    return [...this.jobs.values()].filter(
      (job) => (job.state === 'ready' || job.state === 'active') && job.run_at <= now
    )
  }

  /** It was claimed; or, its attempts used up, it is dead. */
  claimed(job: ModelJob, token: string | null): Range | null {
    const lapsed = job.state === 'active'
    if (job.attempt >= MAX_ATTEMPTS) {
      this.#reached(lapsed ? 'dead at the claim' : 'dead at the claim while it waited')
      this.#die(job, job.error ?? 'its worker did not come back')
      return null
    }
    if (lapsed) {
      this.#reached('lease lapsed')
      job.history.push({ outcome: 'lapsed', error: null })
    }
    job.state = 'active'
    job.attempt += 1
    job.token = token
    return { least: LEASE, most: LEASE }
  }

  /** A heartbeat for a claim; null: it is not the newest and changes nothing. */
  beat(job: ModelJob, token: string): Range | null {
    if (job.state !== 'active' || job.token !== token) return null
    this.#reached('kept by heartbeat')
    return { least: LEASE, most: LEASE }
  }

  /** What a worker's outcome makes of the job; when it is due again, from now. Null: it does not become due. */
  worked(
    claim: { id: string; token: string; attempt: number },
    outcome: Outcome,
    attempts: number
  ): Range | null {
    const { now } = this
    const job = this.jobs.get(claim.id)
    if (!job) throw new Error('a job that nobody added')
    if (job.state !== 'active' || job.token !== claim.token) {
      this.#reached('stale answer')
      return null
    }
    job.token = null
    if (claim.attempt > attempts) return this.#bury(job, 'died')
    if (outcome === 'dead') return this.#bury(job, 'no')
    if (outcome === 'broke' && claim.attempt >= attempts) return this.#bury(job, 'Error: broke')
    switch (outcome) {
      case 'done':
      case 'refused':
        this.#reached('done')
        Object.assign(job, { state: 'done', error: null, effects: job.effects + 1 })
        return null
      case 'continue':
        this.#reached('continued')
        Object.assign(job, { state: 'ready', error: null, attempt: 0, patience_from: now })
        job.cursor = (job.cursor ?? 0) + 1
        return { least: 0, most: 0 }
      case 'retry':
        return this.#putBack(job, 'later', now, { least: RETRY, most: RETRY })
      case 'away':
        return this.#putBack(job, 'Error: away', now, { least: 500, most: 2_500 })
      case 'broke': {
        this.#reached('broke')
        this.#failed(job, 'Error: broke')
        const wait = 1_000 * 2 ** Math.min(job.attempt, 12)
        return { least: Math.min(wait / 2, 3_600_000), most: Math.min(wait * 1.5, 3_600_000) }
      }
    }
  }

  /** The dead among these that are sent off again. */
  redrive(ids: string[]): ModelJob[] {
    const again: ModelJob[] = []
    for (const id of ids.toSorted()) {
      const job = this.jobs.get(id)
      if (job?.state !== 'dead') continue
      if (this.isOpen(job.unique_key)) {
        this.#reached('not redriven beside its twin')
        continue
      }
      this.#reached('redriven')
      job.history.push({ outcome: 'again', error: null })
      Object.assign(job, { state: 'ready', attempt: 0, error: null, token: null })
      again.push(job)
    }
    return again
  }

  /** As if so much time had passed: all that was written is older by it. */
  pass(milliseconds: number): void {
    for (const job of this.jobs.values()) {
      job.run_at -= milliseconds
      job.patience_from -= milliseconds
    }
  }

  #putBack(job: ModelJob, error: string, now: number, wait: Range): Range {
    const is_patient = now - job.patience_from < PATIENCE
    this.#reached(is_patient ? 'put back' : 'put back beyond its patience')
    if (is_patient) job.attempt -= 1
    this.#failed(job, error)
    return wait
  }

  #failed(job: ModelJob, error: string): void {
    job.state = 'ready'
    job.error = error
    job.history.push({ outcome: 'failed', error })
  }

  #bury(job: ModelJob, error: string): null {
    this.#reached('buried by its worker')
    this.#die(job, error)
    return null
  }

  #die(job: ModelJob, error: string): void {
    Object.assign(job, { state: 'dead', token: null, error, deaths: job.deaths + 1 })
    job.history.push({ outcome: 'dead', error })
  }
}
