/** Search finds exactly what the rule allows: names from view up, texts from download up, in random worlds. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { loadWorlds } from '../support/access-load.ts'
import { worldsDatabase } from '../support/access-run.ts'
import { addTexts, compareSearch, prepareSearch } from '../support/access-search.ts'
import { someWorlds } from '../support/access-worlds.ts'

const RUNS = Number(process.env.PORTICO_SEARCH_WORLDS ?? 10)
const SEED = Number(process.env.PORTICO_SEED ?? Date.now() % 2 ** 31)
const BATCH = 5

const { client } = await worldsDatabase()
await prepareSearch(client)

test(`search and the model of the rule agree on ${RUNS * BATCH} random worlds (seed ${SEED})`, async () => {
  let hits = 0
  await fc.assert(
    fc.asyncProperty(someWorlds(BATCH), async (worlds) => {
      await client.query('begin')
      try {
        await loadWorlds(client, worlds)
        await addTexts(client)
        for (const world of worlds)
          for (const { id } of [...world.people, ...world.links])
            hits += await compareSearch(client, world, id, world.at[0] ?? 0)
      } finally {
        await client.query('rollback')
      }
    }),
    { numRuns: RUNS, seed: SEED, endOnFailure: true }
  )
  assert.ok(hits > RUNS)
})
