/** Sequences of commands, and one of them from an empty portal to its rest. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { claim, pass, reconcile, work } from './acts.ts'
import {
  AddAgain,
  Again,
  Beat,
  Claim,
  type Command,
  Kill,
  Pass,
  Put,
  Reconcile,
  Redrive,
  Tell,
  Work
} from './commands.ts'
import { type Real, compare, look } from './compare.ts'
import { CONNECTORS, type Fact, Model, OUTCOMES, type Source } from './model.ts'

/** A few objects, so that they meet each other. */
const FACTS: Fact[] = ['a', 'b', 'c'].flatMap((key) =>
  ['1', '2'].flatMap((version): Fact[] => [
    { key, version, kind: 'created' },
    { key, version, kind: 'removed' }
  ])
)
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
