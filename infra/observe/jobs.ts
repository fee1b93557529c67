/** Counts jobs, in each connector: what it has done itself, and what the database holds, which is the same for all. */
import { z } from 'zod'
import { type Database, blocks, row, rows } from '../../functions/_shared/db/database.ts'
import { errorFacts, log } from '../../functions/_shared/log.ts'
import { BUCKETS, Counter, Gauge, Histogram, type Registry, bounded } from './metrics.ts'
import { claims, jobs } from './seen.ts'

const sql = blocks<'unfinished' | 'dead' | 'unreadable'>(new URL('./jobs.sql', import.meta.url))

const Unfinished = z.object({
  kind: z.string(),
  due: z.int(),
  later: z.int(),
  running: z.int(),
  oldest_due: z.number(),
  oldest: z.number()
})
const Dead = z.object({ kind: z.string(), dead: z.int() })

/** Of the whole stay of an event, seconds: as documents arrive, and after the store was away. */
const LAGS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 3_600]
/** Codes of ours and names of errors; functions that read strangers' bytes answer reasons too, and those may be anything. */
const CAUSE = /^(?!.*[0-9a-f]{8})[A-Za-z][A-Za-z0-9_]{0,39}$/
const CAUSES = 100
/** Milliseconds for which one look at the database is good: several may scrape. */
const FRESH = 1_000

/** @param kinds of jobs, so that each has its row from the beginning */
export function countJobs(registry: Registry, pool: Database['pool'], kinds: string[]): void {
  countOwn(registry, kinds)
  tellState(registry, pool, kinds)
}

function countOwn(registry: Registry, kinds: string[]): void {
  const registers = [registry]
  const ended = new Counter({
    name: 'portico_jobs_ended_total',
    help: 'Claims of jobs that came to an end in this connector, by kind and outcome.',
    labelNames: ['kind', 'outcome'] as const,
    registers
  })
  const failures = new Counter({
    name: 'portico_job_failures_total',
    help: 'Claims that did not come to a good end, by kind, outcome and cause (a code).',
    labelNames: ['kind', 'outcome', 'cause'] as const,
    registers
  })
  const claimed = new Counter({
    name: 'portico_jobs_claimed_total',
    help: 'Jobs that this connector claimed.',
    labelNames: ['kind'] as const,
    registers
  })
  const duration = new Histogram({
    name: 'portico_job_duration_seconds',
    help: 'From a claim to its end, by kind and the function that was called (connector: none was needed).',
    labelNames: ['kind', 'function'] as const,
    buckets: BUCKETS,
    registers
  })
  const lag = new Histogram({
    name: 'portico_event_record_lag_seconds',
    help: 'From the moment at which the store says that an object came until its document is recorded, for those that came by an event or the reconciliation.',
    buckets: LAGS,
    registers
  })
  for (const kind of kinds) {
    claimed.inc({ kind }, 0)
    for (const outcome of ['done', 'failed', 'dead']) ended.inc({ kind, outcome }, 0)
  }
  const causeOf = bounded(CAUSES, CAUSE)
  claims.listen(({ kind, count }) => claimed.inc({ kind }, count))
  jobs.listen((seen) => {
    const { kind, outcome } = seen
    ended.inc({ kind, outcome })
    if (seen.cause !== null) failures.inc({ kind, outcome, cause: causeOf(seen.cause) })
    duration.observe({ kind, function: seen.function }, (seen.to - seen.from) / 1000)
    if (seen.lag !== null) lag.observe(seen.lag / 1000)
  })
}

type State = { unfinished: z.infer<typeof Unfinished>[]; dead: z.infer<typeof Dead>[]; unreadable: number }

function tellState(registry: Registry, pool: Database['pool'], kinds: string[]): void {
  const look = oncePer(FRESH, () => readState(pool))
  const registers = [registry]
  const gauge = <L extends string>(
    name: string,
    help: string,
    labelNames: readonly L[],
    say: (set: (labels: Partial<Record<L, string>>, value: number) => void, state: State) => void
  ) =>
    new Gauge<L>({
      name,
      help,
      labelNames,
      registers,
      async collect() {
        this.reset()
        const state = await look()
        if (state) say((labels, value) => this.set(labels, value), state)
      }
    })
  const every = kinds.map((kind) => ({ kind, due: 0, later: 0, running: 0, oldest_due: 0, oldest: 0 }))
  const all = (state: State) =>
    every.map((none) => state.unfinished.find(({ kind }) => kind === none.kind) ?? none)

  new Gauge({
    name: 'portico_database_up',
    help: 'Whether the database answered; without it the gauges of jobs are missing.',
    registers,
    async collect() {
      this.set((await look()) ? 1 : 0)
    }
  })
  gauge(
    'portico_jobs',
    'Jobs in the database: due, later (waiting for their time), running, dead. The same from each connector.',
    ['kind', 'state'],
    (set, state) => {
      for (const { kind, due, later, running } of all(state)) {
        set({ kind, state: 'due' }, due)
        set({ kind, state: 'later' }, later)
        set({ kind, state: 'running' }, running)
        set({ kind, state: 'dead' }, state.dead.find((one) => one.kind === kind)?.dead ?? 0)
      }
    }
  )
  gauge(
    'portico_jobs_oldest_due_seconds',
    'For how long the job has been due that has waited longest for a connector; 0: none is due.',
    ['kind'],
    (set, state) => {
      for (const { kind, oldest_due } of all(state)) set({ kind }, oldest_due)
    }
  )
  gauge(
    'portico_jobs_oldest_seconds',
    'Age of the oldest job that is not finished, with all its tries.',
    ['kind'],
    (set, state) => {
      for (const { kind, oldest } of all(state)) set({ kind }, oldest)
    }
  )
  gauge(
    'portico_inbox_backlog',
    'Objects told of by the store that are not yet recorded.',
    [],
    (set, state) => {
      const waiting = state.unfinished.filter(({ kind }) => kind === 'arrive' || kind === 'adopt')
      set(
        {},
        waiting.reduce((sum, one) => sum + one.due + one.later + one.running, 0)
      )
    }
  )
  gauge(
    'portico_inbox_unreadable',
    'Events of the store that could not be read and are kept.',
    [],
    (set, state) => set({}, state.unreadable)
  )
}

/** Null: the database is away. A scrape waits at most as long as a connection may take. */
async function readState(pool: Database['pool']): Promise<State | null> {
  try {
    const [unfinished, dead, unreadable] = await Promise.all([
      rows(pool, sql('unfinished'), [], Unfinished),
      rows(pool, sql('dead'), [], Dead),
      row(pool, sql('unreadable'), [], z.object({ n: z.int() }))
    ])
    return { unfinished, dead, unreadable: unreadable?.n ?? 0 }
  } catch (error) {
    log.warn('not_counted', errorFacts(error))
    return null
  }
}

/** The same answer for all who ask within so many milliseconds. */
function oncePer<T>(milliseconds: number, ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined
  let asked = 0
  return () => {
    if (!answer || Date.now() - asked > milliseconds) {
      asked = Date.now()
      answer = ask()
    }
    return answer
  }
}
