import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runSequences } from '../support/jobs/run.ts'

const SEQUENCES = 200
const SEED = Number(process.env.PORTICO_SEED ?? Date.now() % 2 ** 31)

test(`inbox and jobs do as their model in ${SEQUENCES} random sequences (seed ${SEED})`, async (t) => {
  const reached = await runSequences(SEQUENCES, SEED, 16)
  t.diagnostic(JSON.stringify(Object.fromEntries(reached)))
  assert.ok((reached.get('done') ?? 0) > SEQUENCES)
})
