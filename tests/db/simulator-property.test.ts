import assert from 'node:assert/strict'
import { test } from 'node:test'
import { worldsDatabase } from '../support/access-run.ts'

const CASES = Number(process.env.PORTICO_SIMULATIONS ?? 400)
const SEED = Number(process.env.PORTICO_SEED ?? Date.now() % 2 ** 31)

// Read at the import of what the simulator needs.
process.env.ORIGIN ??= 'http://localhost:8480'
const { compareSimulator } = await import('../support/simulator-cases.ts')
const { client } = await worldsDatabase()

test(`the simulator says what the rule enforces, and when that changes, in ${CASES} random cases (seed ${SEED})`, async (t) => {
  const { cases, changes, steps } = await compareSimulator(client, CASES, SEED)
  t.diagnostic(JSON.stringify({ cases, changes, ...steps }))
  assert.ok(cases >= CASES && changes > CASES / 20)
})
