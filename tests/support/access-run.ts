/** Runs the comparison of rule and model over many random worlds. */
import fc from 'fast-check'
import type pg from 'pg'
import { compareWorlds } from './access-compare.ts'
import type { Tally } from './access-questions.ts'
import { loadWorlds } from './access-load.ts'
import { type TestedWorld, someWorlds } from './access-worlds.ts'
import { type TestDatabase, testDatabase } from './database.ts'

/** Worlds in one transaction. More make each question cheaper and a found difference harder to read. */
export const BATCH = 25

/**
 * A database that may hold many firms, and a superuser's connection to it. Planning one question anew costs more than
 * answering it in such small worlds, so plans are kept here, and made for indexes: for empty tables the planner would read
 * them whole, that is all other worlds too (measured: 29 s of the database for 1,000 worlds, with indexes 18). What a
 * function says does not depend on its plan.
 */
export async function worldsDatabase(): Promise<{ database: TestDatabase; client: pg.Client }> {
  const database = await testDatabase()
  const client = await database.client('postgres')
  await client.query('drop index node_one_firm')
  for (const name of ['access_reaches', 'access_visible', 'access_points'])
    await client.query(`alter function ${name} reset plan_cache_mode`)
  await client.query('set plan_cache_mode = force_generic_plan')
  await client.query('set enable_seqscan = off')
  return { database, client }
}

/** Batches after which what was rolled back is cleared away: tables and indexes would only grow. */
const VACUUM_EVERY = 4
const TABLES =
  'person, organisation, groups, group_nesting, membership, link, node, document, access_grant, access_lock, assignment, exclusion, deputy'

/**
 * Compares `count` worlds made of a seed. Throws fast-check's error, with the world in it, at the first difference.
 *
 * @param also looks at a batch too, in the transaction in which it is loaded
 */
export async function compareMany(
  client: pg.Client,
  count: number,
  seed: number,
  also: (worlds: TestedWorld[], client: pg.Client) => Promise<void> = async () => {}
): Promise<Tally> {
  const tally: Tally = { worlds: 0 }
  let batches = 0
  await fc.assert(
    fc.asyncProperty(someWorlds(BATCH), async (worlds) => {
      if (batches++ % VACUUM_EVERY === 0) await client.query(`vacuum ${TABLES}`)
      await client.query('begin')
      try {
        await loadWorlds(client, worlds)
        await compareWorlds(client, worlds, tally)
        await also(worlds, client)
      } finally {
        await client.query('rollback')
      }
      tally.worlds = (tally.worlds ?? 0) + worlds.length
    }),
    { numRuns: Math.ceil(count / BATCH), seed, endOnFailure: true }
  )
  return tally
}
