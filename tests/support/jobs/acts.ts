/** What connectors and time do, by the connector's own code in the real tables, and the model after it. */
import assert from 'node:assert/strict'
import { blocks } from '../../../functions/_shared/db/database.ts'
import type { Job } from '../../../functions/_shared/pipeline/kind.ts'
import { claimJobs } from '../../../infra/connector/queue.ts'
import { workOn } from '../../../infra/connector/work.ts'
import { ROUNDED, type Real, compare, look, same, takeNew } from './compare.ts'
import { kindFor } from './kinds.ts'
import { ATTEMPTS, Model, type Outcome, type Range } from './model.ts'

const clock = blocks<'missing' | 'record'>(new URL('../../../functions/clock/clock.sql', import.meta.url))
export const KIND = 'arrive'
export const BUCKET = 'portico-documents'

export async function reconcile(model: Model, real: Real): Promise<void> {
  const there = [...model.store.values()]
  const lists = [
    there.map((fact) => fact.key),
    there.map((fact) => fact.version),
    there.map((fact) => fact.kind)
  ]
  const missing = await real.database.pool.query<{ key: string; object_version_id: string; kind: string }>(
    clock('missing'),
    [BUCKET, ...lists, there.map(() => 1)]
  )
  const made: string[] = []
  for (const fact of there.filter((one) => !model.heard.has(Model.nameOf(one)))) {
    const { makes_job } = model.tell(fact, 'reconciliation')
    if (makes_job) made.push(`${fact.key} ${fact.version}`)
  }
  for (const { key, object_version_id, kind } of missing.rows)
    await real.database.pool.query(clock('record'), [BUCKET, key, object_version_id, kind, 1])
  await takeNew(model, real, made)
}

export async function claim(model: Model, real: Real, connector: number, count: number): Promise<Job[]> {
  const certain = new Set(model.due(model.now - ROUNDED).map((job) => job.id))
  const jobs = await claimJobs(real.database, kindFor('done'), KIND, count)
  const seen = await look(real)
  const possible = new Set(model.due(seen.now + ROUNDED).map((job) => job.id))
  const due = new Map<string, Range>()
  let taken = 0
  for (const row of seen.jobs) {
    const job = model.jobs.get(row.id)
    assert.ok(job)
    const died = row.state === 'dead' && job.state !== 'dead'
    if (!died && row.token === job.token) continue
    if (row.state === 'done') continue // its token is the one that was believed
    taken += 1
    assert.ok(possible.has(row.id), 'claimed before its time')
    const range = model.claimed(job, row.token)
    if (range) due.set(row.id, range)
    assert.equal(
      jobs.some((one) => one.id === row.id),
      !died
    )
  }
  assert.ok(
    taken >= Math.min(count, certain.size) && taken <= Math.min(count, possible.size),
    `took ${taken}`
  )
  model.held[connector]?.push(...jobs)
  compare(model, seen, due)
  return jobs
}

export async function work(
  model: Model,
  real: Real,
  job: Job,
  outcome: Outcome,
  connector = 0
): Promise<void> {
  const attempts = ATTEMPTS[connector] ?? 0
  await workOn(job, kindFor(outcome, attempts), { gateway_url: 'http://127.0.0.1:9', deps: real.deps })
  const range = model.worked(job, outcome, attempts)
  await same(model, real, range ? new Map([[job.id, range]]) : undefined)
}

export async function pass(model: Model, real: Real, seconds: number): Promise<void> {
  await real.owner.query(
    `update job set run_at = run_at - $1 * interval '1 s', patience_from = patience_from - $1 * interval '1 s',
                    created_at = created_at - $1 * interval '1 s'`,
    [seconds]
  )
  model.pass(seconds * 1_000)
  await same(model, real)
}
