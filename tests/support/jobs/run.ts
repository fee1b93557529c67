/** Many sequences of commands against inbox and jobs of one database. */
import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { openDatabase } from '../../../functions/_shared/db/database.ts'
import { storeClient } from '../../../functions/_shared/storage/client.ts'
import { openSigner } from '../../../functions/_shared/storage/sign.ts'
import { testDatabase } from '../database.ts'
import type { Real } from './compare.ts'
import { SITUATIONS, type Situation } from './model.ts'
import { runOne, sequences } from './sequences.ts'

/** No job of the model gets so far as to ask for it. */
const NO_STORE = {
  endpoint: 'http://127.0.0.1:9',
  public_endpoint: 'http://127.0.0.1:9',
  region: 'us-east-1',
  access_key_id: 'none',
  secret_access_key: 'none'
}

/** How often the sequences came to each situation. Throws fast-check's report with the shortest sequence that fails. */
export async function runSequences(
  count: number,
  seed: number,
  most: number
): Promise<Map<Situation, number>> {
  const database = await testDatabase()
  const owner = await database.client('portico_owner')
  await owner.query(
    'create table effect (job_id uuid not null, token uuid not null); grant select, insert on effect to portico_pipeline'
  )
  await owner.query(`create index on audit (subject_id) where action = 'job.dead'`) // asked after each command
  await owner.query('grant select on inbox, incident, audit, job, job_attempt to portico_pipeline')
  const pipeline = openDatabase(database.url('portico_pipeline'), 4)
  const real: Real = {
    database: pipeline,
    owner,
    app: database.pool('portico_app', 2),
    deps: {
      database: pipeline,
      store: storeClient(NO_STORE),
      signer: await openSigner(NO_STORE, NO_STORE.endpoint),
      job_signing_key: new Uint8Array(randomBytes(32))
    }
  }
  const reached = new Map<Situation, number>(SITUATIONS.map((situation) => [situation, 0]))
  const count_one = (situation: Situation) => void reached.set(situation, (reached.get(situation) ?? 0) + 1)
  const write = process.stdout.write.bind(process.stdout)
  // The connector's log of some hundred thousand jobs.
  process.stdout.write = () => true
  try {
    await fc.assert(
      fc.asyncProperty(sequences(most), (given) => runOne(given, real, count_one)),
      { numRuns: count, seed, verbose: 1 }
    )
  } finally {
    process.stdout.write = write
    await pipeline.close()
  }
  return reached
}
