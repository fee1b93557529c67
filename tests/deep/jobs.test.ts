/**
 * Inbox and jobs against their model in very many random sequences: told once, twice, in any order and by three ways,
 * claimed, kept, completed by whoever still holds the claim and by whoever does not, failed, lapsed, killed, redriven.
 *
 *   npm run test:deep -- --only deep/jobs
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runSequences } from '../support/jobs/run.ts'
import { SITUATIONS } from '../support/jobs/model.ts'

const SEQUENCES = Number(process.env.PORTICO_SEQUENCES ?? 10_000)
const SEED = Number(process.env.PORTICO_SEED ?? Date.now() % 2 ** 31)
/** How often each situation must come: a hundred times in the full number. */
const LEAST = Math.floor(SEQUENCES / 100)

test(`inbox and jobs do as their model in ${SEQUENCES} random sequences (seed ${SEED})`, async (t) => {
  const reached = await runSequences(SEQUENCES, SEED, 24)
  t.diagnostic(JSON.stringify(Object.fromEntries(reached)))
  assert.deepEqual(
    SITUATIONS.filter((situation) => (reached.get(situation) ?? 0) < LEAST),
    []
  )
})
