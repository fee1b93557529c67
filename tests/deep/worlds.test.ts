/**
 * The rule in the database against its model in very many random worlds, with moves, closings, grants taken away, previews
 * and search, and the proof that the worlds came to every branch of the rule.
 *
 *   npm run test:deep -- --only worlds --worlds 1000000
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BRANCHES, type Branch, branchesOf } from '../support/access-branches.ts'
import { compareMany, worldsDatabase } from '../support/access-run.ts'
import { addTexts, compareSearch, prepareSearch } from '../support/access-search.ts'
import type { Tally } from '../support/access-questions.ts'
import type { TestedWorld } from '../support/access-worlds.ts'
import type pg from 'pg'

const WORLDS = Number(process.env.PORTICO_WORLDS ?? 100_000)
const SEED = Number(process.env.PORTICO_SEED ?? Date.now() % 2 ** 31)
/** How often each branch must be reached: a hundred times in the full number of worlds. */
const LEAST = Math.min(100, Math.floor(WORLDS / 1_000))

const reached = new Map<Branch, number>(BRANCHES.map((branch) => [branch, 0]))
let hits = 0

/** Counts branches for each asker and one thing of each world and moment, and searches as one asker of each. */
async function lookCloser(worlds: TestedWorld[], client: pg.Client): Promise<void> {
  await addTexts(client)
  for (const [i, world] of worlds.entries()) {
    const askers = [...world.people, ...world.links]
    const at = world.at[0] ?? 0
    for (const [j, { id }] of askers.entries()) {
      const thing = world.things[(i + j) % world.things.length]
      if (!thing) continue
      for (const moment of world.at)
        for (const branch of branchesOf(world, id, thing.id, moment))
          reached.set(branch, (reached.get(branch) ?? 0) + 1)
    }
    const one = askers[i % askers.length]
    // Added after the wait: meanwhile the other side has counted too.
    const found = one ? await compareSearch(client, world, one.id, at) : 0
    hits += found
  }
}

// Two at a time: while one database thinks, the model of the other does. Each needs its own, the triggers take locks.
const sides = await Promise.all([worldsDatabase(), worldsDatabase()])
for (const { client } of sides) await prepareSearch(client)

test(`rule, search and model agree on ${WORLDS} random worlds (seed ${SEED})`, async (t) => {
  const started = performance.now()
  const tallies = await Promise.all(
    sides.map(({ client }, i) => compareMany(client, WORLDS / sides.length, SEED + i, lookCloser))
  )
  const sum: Tally = {}
  for (const tally of tallies)
    for (const [question, count] of Object.entries(tally)) sum[question] = (sum[question] ?? 0) + count
  const seconds = (performance.now() - started) / 1000
  t.diagnostic(`${((sum.worlds ?? 0) / seconds).toFixed(1)} worlds a second`)
  t.diagnostic(`compared: ${JSON.stringify({ ...sum, 'found by search': hits })}`)
  assert.ok((sum.worlds ?? 0) >= WORLDS)
  assert.ok(hits > WORLDS / 10)
})

test(`each branch of the rule was reached ${LEAST} times or more`, (t) => {
  t.diagnostic(JSON.stringify(Object.fromEntries(reached)))
  assert.deepEqual(
    BRANCHES.filter((branch) => (reached.get(branch) ?? 0) < LEAST),
    []
  )
})
