/** The tables of inbox and jobs beside what the model says of them. */
import assert from 'node:assert/strict'
import type pg from 'pg'
import { z } from 'zod'
import { type Database, rows } from '../../../functions/_shared/db/database.ts'
import type { Deps } from '../../../functions/_shared/pipeline/kind.ts'
import type { Model, Range } from './model.ts'

/** Milliseconds by which two clocks of one machine may read differently when they are rounded. */
export const ROUNDED = 2

/** The tables, and what the connector's code works with. */
export type Real = {
  database: Database
  owner: pg.Client
  deps: Deps
  /** Of people: redriving is theirs. */
  app: pg.Pool
}

const Row = z.object({
  id: z.string(),
  unique_key: z.string(),
  state: z.string(),
  attempt: z.number(),
  token: z.string().nullable(),
  cursor: z.number().nullable(),
  error: z.string().nullable(),
  run_at: z.number(),
  patience_from: z.number(),
  effects: z.number(),
  deaths: z.number(),
  history: z.array(z.object({ outcome: z.string(), error: z.string().nullable(), times: z.number() }))
})
const Look = z.object({ now: z.number(), incidents: z.number(), heard: z.number(), jobs: z.array(Row) })
type Look = z.infer<typeof Look>

const LOOK = `
select extract(epoch from clock_timestamp())::float8 * 1000 as now,
       (select count(*)::int from incident) as incidents, (select count(*)::int from inbox) as heard,
       coalesce((select json_agg(json_build_object(
         'id', j.id, 'unique_key', j.unique_key, 'state', j.state, 'attempt', j.attempt, 'token', j.token, 'cursor', j.cursor,
         'error', j.error, 'run_at', extract(epoch from j.run_at)::float8 * 1000,
         'patience_from', extract(epoch from j.patience_from)::float8 * 1000,
         'effects', (select count(*) from effect e where e.job_id = j.id),
         'deaths', (select count(*) from audit a where a.action = 'job.dead' and a.subject_id = j.id),
         'history', coalesce((select json_agg(json_build_object('outcome', a.outcome, 'error', a.error, 'times', a.times)
                                    order by a.id) from job_attempt a where a.job_id = j.id), '[]'))) from job j), '[]') as jobs`

export async function look(real: Real): Promise<Look> {
  const [seen] = await rows(real.database.pool, LOOK, [], Look)
  assert.ok(seen)
  return seen
}

/** Real and model side by side. `due`: jobs that got a new time, and how far from now it may lie. */
export async function same(model: Model, real: Real, due = new Map<string, Range>()): Promise<void> {
  compare(model, await look(real), due)
}

/** @param seen after the command; `model.now` is from before it */
export function compare(model: Model, seen: Look, due = new Map<string, Range>()): void {
  const before = model.now
  model.now = seen.now
  assert.equal(seen.incidents, model.incidents)
  assert.equal(seen.heard, model.heard.size)
  assert.deepEqual(seen.jobs.map((job) => job.id).toSorted(), [...model.jobs.keys()].toSorted())
  for (const row of seen.jobs) {
    const job = model.jobs.get(row.id)
    assert.ok(job)
    const range = due.get(row.id)
    if (range) {
      assert.ok(row.run_at >= before + range.least - ROUNDED, `due ${row.run_at - before} ms from before`)
      assert.ok(row.run_at <= seen.now + range.most + ROUNDED, `due ${row.run_at - seen.now} ms from after`)
      job.run_at = row.run_at
    } else if (job.state === 'ready' || job.state === 'active')
      assert.ok(Math.abs(row.run_at - job.run_at) < ROUNDED, 'a time that nobody changed')
    assert.ok(Math.abs(row.patience_from - job.patience_from) < 2_000, 'patience')
    job.patience_from = row.patience_from
    const history = row.history.flatMap(({ outcome, error, times }) =>
      Array.from({ length: times }, () => ({ outcome, error }))
    )
    const { state, attempt, cursor, error, effects, deaths } = job
    assert.deepEqual(
      {
        state: row.state,
        attempt: row.attempt,
        cursor: row.cursor,
        error: row.error,
        effects: row.effects,
        deaths: row.deaths,
        history
      },
      { state, attempt, cursor, error, effects, deaths, history: job.history }
    )
    if (state === 'active') assert.equal(row.token, job.token)
    if (state === 'ready' || state === 'dead') assert.equal(row.token, null)
  }
}

/** The jobs that are new in the table are exactly these, and all else is as in the model. */
export async function takeNew(model: Model, real: Real, expected: string[]): Promise<void> {
  const seen = await look(real)
  const fresh = seen.jobs.filter((job) => !model.jobs.has(job.id))
  assert.deepEqual(fresh.map((job) => job.unique_key).toSorted(), expected.toSorted())
  for (const job of fresh) model.added(job.id, job.unique_key, job.run_at)
  compare(model, seen)
}
