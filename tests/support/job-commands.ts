/** What can happen to inbox and jobs, done to the real tables by the connector's own code and to the model, then compared. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import type pg from 'pg'
import { z } from 'zod'
import { type Database, blocks, rows } from '../../functions/_shared/db/database.ts'
import type { Answer, Deps, Job, Kind } from '../../functions/_shared/pipeline/kind.ts'
import { beatJobs, claimJobs } from '../../infra/connector/queue.ts'
import { workOn } from '../../infra/connector/work.ts'
import {
  ATTEMPTS,
  CONNECTORS,
  type Fact,
  Model,
  OUTCOMES,
  type Outcome,
  type Range,
  type Source
} from './job-model.ts'

const clock = blocks<'missing' | 'record'>(new URL('../../functions/clock/clock.sql', import.meta.url))
const KIND = 'arrive'
const BUCKET = 'portico-documents'
/** A few objects, so that they meet each other. */
const FACTS: Fact[] = ['a', 'b', 'c'].flatMap((key) =>
  ['1', '2'].flatMap((version): Fact[] => [
    { key, version, kind: 'created' },
    { key, version, kind: 'removed' }
  ])
)
/** Milliseconds by which two clocks of one machine may read differently when they are rounded. */
const ROUNDED = 2

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

async function look(real: Real): Promise<Look> {
  const [seen] = await rows(real.database.pool, LOOK, [], Look)
  assert.ok(seen)
  return seen
}

/** Real and model side by side. `due`: jobs that got a new time, and how far from now it may lie. */
async function same(model: Model, real: Real, due = new Map<string, Range>()): Promise<void> {
  compare(model, await look(real), due)
}

/** @param seen after the command; `model.now` is from before it */
function compare(model: Model, seen: Look, due = new Map<string, Range>()): void {
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

type Command = fc.AsyncCommand<Model, Real>
const holds = (model: Model, connector: number): boolean => (model.held[connector] ?? []).length > 0
const isOpen = (model: Model): boolean => model.due(Infinity).length > 0

/** It happens in the store. Whether anybody tells is another matter. */
class Put implements Command {
  readonly fact: Fact
  constructor(fact: Fact) {
    this.fact = fact
  }
  check = () => true
  async run(model: Model): Promise<void> {
    model.store.set(Model.nameOf(this.fact), this.fact)
  }
  toString = () => `put ${Model.nameOf(this.fact)}`
}

class Tell implements Command {
  readonly fact: Fact
  readonly source: Source
  constructor(fact: Fact, source: Source) {
    this.fact = fact
    this.source = source
  }
  check = () => true
  async run(model: Model, real: Real): Promise<void> {
    model.store.set(Model.nameOf(this.fact), this.fact)
    const { key, version, kind } = this.fact
    const { rows: told } = await real.database.pool.query<{ fresh: boolean }>(
      'select inbox_record($1, $2, $3, $4, $5, 1) as fresh',
      [BUCKET, key, version, kind, this.source]
    )
    const expected = model.tell(this.fact, this.source)
    assert.equal(told[0]?.fresh, expected.fresh)
    await takeNew(model, real, expected.makes_job ? [`${key} ${version}`] : [])
  }
  toString = () => `${this.source} tells ${Model.nameOf(this.fact)}`
}

/** The jobs that are new in the table are exactly these, and all else is as in the model. */
async function takeNew(model: Model, real: Real, expected: string[]): Promise<void> {
  const seen = await look(real)
  const fresh = seen.jobs.filter((job) => !model.jobs.has(job.id))
  assert.deepEqual(fresh.map((job) => job.unique_key).toSorted(), expected.toSorted())
  for (const job of fresh) model.added(job.id, job.unique_key, job.run_at)
  compare(model, seen)
}

class Reconcile implements Command {
  check = () => true
  async run(model: Model, real: Real): Promise<void> {
    await reconcile(model, real)
  }
  toString = () => 'reconcile'
}

async function reconcile(model: Model, real: Real): Promise<void> {
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

/** Somebody wants a job once more, rather one that is dead: it is added only if none of its name waits or runs. */
class AddAgain implements Command {
  readonly which: number
  constructor(which: number) {
    this.which = which
  }
  check = (model: Model) => model.jobs.size > 0
  async run(model: Model, real: Real): Promise<void> {
    const jobs = [...model.jobs.values()].sort(
      (a, b) => Number(b.state === 'dead') - Number(a.state === 'dead')
    )
    const name = jobs[this.which % jobs.length]?.unique_key ?? ''
    const added = await real.database.pool.query<{ id: string | null }>(
      `select job_add($1, '{}', '', $2) as id`,
      [KIND, name]
    )
    const was_open = model.isOpen(name)
    assert.equal(added.rows[0]?.id === null, was_open)
    await takeNew(model, real, was_open ? [] : [name])
  }
  toString = () => `add ${this.which} again`
}

class Claim implements Command {
  readonly connector: number
  readonly count: number
  constructor(connector: number, count: number) {
    this.connector = connector
    this.count = count
  }
  check = isOpen
  async run(model: Model, real: Real): Promise<void> {
    await claim(model, real, this.connector, this.count)
  }
  toString = () => `connector ${this.connector} claims ${this.count}`
}

async function claim(model: Model, real: Real, connector: number, count: number): Promise<Job[]> {
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

class Beat implements Command {
  readonly connector: number
  constructor(connector: number) {
    this.connector = connector
  }
  check = (model: Model) => holds(model, this.connector)
  async run(model: Model, real: Real): Promise<void> {
    const held = model.held[this.connector] ?? []
    await beatJobs(real.database.pool, held)
    const due = new Map<string, Range>()
    for (const one of held) {
      const job = model.jobs.get(one.id)
      const range = job && model.beat(job, one.token)
      if (range) due.set(one.id, range)
    }
    await same(model, real, due)
  }
  toString = () => `connector ${this.connector} beats`
}

class Work implements Command {
  readonly connector: number
  readonly which: number
  readonly outcome: Outcome
  constructor(connector: number, which: number, outcome: Outcome) {
    this.connector = connector
    this.which = which
    this.outcome = outcome
  }
  check = (model: Model) => holds(model, this.connector)
  async run(model: Model, real: Real): Promise<void> {
    const held = model.held[this.connector] ?? []
    const [job] = held.splice(this.which % held.length, 1)
    if (job) await work(model, real, job, this.outcome, this.connector)
  }
  toString = () => `connector ${this.connector} ends one: ${this.outcome}`
}

async function work(model: Model, real: Real, job: Job, outcome: Outcome, connector = 0): Promise<void> {
  const attempts = ATTEMPTS[connector] ?? 0
  await workOn(job, kindFor(outcome, attempts), { gateway_url: 'http://127.0.0.1:9', deps: real.deps })
  const range = model.worked(job, outcome, attempts)
  await same(model, real, range ? new Map([[job.id, range]]) : undefined)
}

/** A kind of job whose worker comes to a given end. Its effect is a row that tells who did it. */
function kindFor(outcome: Outcome, attempts = 12): Kind {
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

/** kill -9: what it had claimed is nobody's any more until the leases lapse. */
class Kill implements Command {
  readonly connector: number
  constructor(connector: number) {
    this.connector = connector
  }
  check = (model: Model) => holds(model, this.connector)
  async run(model: Model): Promise<void> {
    model.held[this.connector] = []
  }
  toString = () => `connector ${this.connector} is killed`
}

class Pass implements Command {
  readonly seconds: number
  constructor(seconds: number) {
    this.seconds = seconds
  }
  check = () => true
  run = (model: Model, real: Real): Promise<void> => pass(model, real, this.seconds)
  toString = () => `${this.seconds} s pass`
}

async function pass(model: Model, real: Real, seconds: number): Promise<void> {
  await real.owner.query(
    `update job set run_at = run_at - $1 * interval '1 s', patience_from = patience_from - $1 * interval '1 s',
                    created_at = created_at - $1 * interval '1 s'`,
    [seconds]
  )
  model.pass(seconds * 1_000)
  await same(model, real)
}

/** The same end again and again, with the time between that it takes: workers that die, surroundings that stay away. */
class Again implements Command {
  readonly outcome: Outcome | 'killed'
  readonly times: number
  readonly seconds: number
  constructor(outcome: Outcome | 'killed', times: number, seconds: number) {
    this.outcome = outcome
    this.times = times
    this.seconds = seconds
  }
  check = isOpen
  async run(model: Model, real: Real): Promise<void> {
    for (let i = 0; i < this.times; i += 1) {
      await pass(model, real, this.seconds)
      const jobs = await claim(model, real, 0, 6)
      model.held[0]?.splice(-jobs.length, jobs.length)
      for (const job of jobs) if (this.outcome !== 'killed') await work(model, real, job, this.outcome)
    }
  }
  toString = () => `${this.times} times every ${this.seconds} s: ${this.outcome}`
}

class Redrive implements Command {
  check = (model: Model) => [...model.jobs.values()].some((job) => job.state === 'dead')
  async run(model: Model, real: Real): Promise<void> {
    const dead = [...model.jobs.values()].filter((job) => job.state === 'dead').map((job) => job.id)
    const { rows: again } = await real.app.query<{ id: string }>('select id from jobs_again($1)', [dead])
    const expected = model.redrive(dead)
    assert.deepEqual(
      again.map((one) => one.id),
      expected.map((job) => job.id)
    )
    for (const job of expected) job.patience_from = model.now
    await same(model, real, new Map(expected.map((job) => [job.id, { least: 0, most: 0 }])))
  }
  toString = () => 'redrive'
}

const fact = fc.constantFrom(...FACTS)
const connector = fc.nat(CONNECTORS - 1)
const seconds = fc.constantFrom(1, 3, 11, 11, 60, 3_600, 25 * 3_600, 73 * 3_600)
const told = fc
  .tuple(fact, fc.constantFrom<Source>('event', 'event', 'api', 'reconciliation'))
  .map(([one, source]) => new Tell(one, source))
const claimed = fc.tuple(connector, fc.integer({ min: 1, max: 6 })).map(([c, n]) => new Claim(c, n))
const worked = fc
  .tuple(connector, fc.nat(9), fc.constantFrom(...OUTCOMES, 'done' as const, 'broke' as const))
  .map(([c, which, outcome]) => new Work(c, which, outcome))
const passed = seconds.map((s) => new Pass(s))
const again = fc
  .tuple(
    fc.constantFrom(...OUTCOMES, 'killed' as const),
    fc.constantFrom(2, 6, 13),
    fc.constantFrom(11, 11, 4_000, 80 * 3_600)
  )
  .map(([outcome, times, s]) => new Again(outcome, times, s))

/** Up to `most` commands, after some objects that came; what happens often is there more than once. */
export const sequences = (most: number) =>
  fc.tuple(
    fc.array(told, { minLength: 2, maxLength: 6 }),
    fc.commands<Model, Real, false>(
      [
        told,
        claimed,
        claimed,
        claimed,
        worked,
        worked,
        worked,
        worked,
        passed,
        passed,
        again,
        again,
        connector.map((c) => new Beat(c)),
        connector.map((c) => new Kill(c)),
        fact.map((one) => new Put(one)),
        fc.nat(2).map((n) => new AddAgain(n)),
        fc.constant(new Reconcile()),
        fc.constant(new Redrive()),
        fc.constant(new Redrive())
      ],
      { maxCommands: most, size: 'max' }
    )
  )

/** An empty portal; then, after the commands, everything comes to its end: nothing that is in the store is lost. */
export async function runOne(
  [first, then]: [Command[], Iterable<fc.AsyncCommand<Model, Real, false>>],
  real: Real,
  reached: ConstructorParameters<typeof Model>[0]
): Promise<void> {
  await real.owner.query('delete from job; delete from inbox; delete from incident; delete from effect')
  const model = new Model(reached)
  compare(model, await look(real))
  for (const command of first) await command.run(model, real)
  await fc.asyncModelRun(() => ({ model, real }), then)

  await reconcile(model, real)
  for (const name of model.store.keys()) assert.ok(model.heard.has(name), `${name} was never heard of`)
  for (let i = 0; model.due(Infinity).length > 0; i += 1) {
    assert.ok(i < 100, 'it does not come to rest')
    await pass(model, real, 3_600)
    for (const job of await claim(model, real, 0, 20)) await work(model, real, job, 'done')
  }
  for (const job of model.jobs.values())
    assert.ok(job.state === 'dead' ? job.deaths > 0 : job.effects === 1, `${job.state}, ${job.effects} times`)
}
