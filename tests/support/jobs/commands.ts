/** What can happen to inbox and jobs: done to the real tables and to the model, then compared. */
import assert from 'node:assert/strict'
import type fc from 'fast-check'
import { beatJobs } from '../../../infra/connector/queue.ts'
import { BUCKET, KIND, claim, pass, reconcile, work } from './acts.ts'
import { type Real, same, takeNew } from './compare.ts'
import { type Fact, Model, type Outcome, type Range, type Source } from './model.ts'

export type Command = fc.AsyncCommand<Model, Real>
const holds = (model: Model, connector: number): boolean => (model.held[connector] ?? []).length > 0
const isOpen = (model: Model): boolean => model.due(Infinity).length > 0

/** It happens in the store. Whether anybody tells is another matter. */
export class Put implements Command {
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

export class Tell implements Command {
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

export class Reconcile implements Command {
  check = () => true
  async run(model: Model, real: Real): Promise<void> {
    await reconcile(model, real)
  }
  toString = () => 'reconcile'
}

/** Somebody wants a job once more, rather one that is dead: it is added only if none of its name waits or runs. */
export class AddAgain implements Command {
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

export class Claim implements Command {
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

export class Beat implements Command {
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

export class Work implements Command {
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

/** kill -9: what it had claimed is nobody's any more until the leases lapse. */
export class Kill implements Command {
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

export class Pass implements Command {
  readonly seconds: number
  constructor(seconds: number) {
    this.seconds = seconds
  }
  check = () => true
  run = (model: Model, real: Real): Promise<void> => pass(model, real, this.seconds)
  toString = () => `${this.seconds} s pass`
}

/** The same end again and again, with the time between that it takes: workers that die, surroundings that stay away. */
export class Again implements Command {
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

export class Redrive implements Command {
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
