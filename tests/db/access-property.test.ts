import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareMany, worldsDatabase } from '../support/access-run.ts'

const WORLDS = Number(process.env.PORTICO_WORLDS ?? (process.env.CI === 'true' ? 2_000 : 500))
const SEED = Number(process.env.PORTICO_SEED ?? Date.now() % 2 ** 31)

// Two at a time: while one database thinks, the model of the other does. Each needs its own, the triggers take locks.
const sides = await Promise.all([worldsDatabase(), worldsDatabase()])

test(`the rule in the database and its model agree on ${WORLDS} random worlds (seed ${SEED})`, async (t) => {
  const tallies = await Promise.all(
    sides.map(({ client }, i) => compareMany(client, WORLDS / sides.length, SEED + i))
  )
  t.diagnostic(JSON.stringify(tallies[0]))
  assert.ok(tallies.every((tally) => (tally.levels ?? 0) > (tally.worlds ?? 0)))
})
