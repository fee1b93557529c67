/**
 * The connector: claims jobs from Postgres and calls the functions that do them. One or many may run; what one leaves
 * behind when it is killed comes due again when its leases lapse. Configuration: config.ts; secrets db-pipeline,
 * store-pipeline, job-signing-key, data-key (mails' links are sealed with it), and the environment names ORIGIN, GATEWAY_URL.
 */
import { config, secret, secretKey, storeSecret } from '../../functions/_shared/config.ts'
import { openDatabase } from '../../functions/_shared/db/database.ts'
import { errorFacts, log } from '../../functions/_shared/log.ts'
import { KINDS } from '../../functions/_shared/pipeline/kinds.ts'
import type { Job } from '../../functions/_shared/pipeline/kind.ts'
import { storeClient } from '../../functions/_shared/storage/client.ts'
import { openSigner } from '../../functions/_shared/storage/sign.ts'
import { sendSpans, serveMetrics } from '../observe/start.ts'
import { startLoop } from './loop.ts'
import { LEASE, beatJobs, claimJobs, dueKinds } from './queue.ts'
import { keepSchedule } from './schedule.ts'
import { listen } from './wake.ts'
import { workOn } from './work.ts'

/** Milliseconds that running jobs get to end after SIGTERM; what is longer is done again by another connector. */
const DRAIN = 40_000

const url = secret('db-pipeline')
const database = openDatabase(url, 12)
const key = storeSecret('store-pipeline')
const settings = {
  gateway_url: config.gateway_url,
  deps: {
    database,
    store: storeClient(key),
    signer: await openSigner(key, key.endpoint), // functions stand beside the store
    job_signing_key: secretKey('job-signing-key')
  }
}

const held = new Map<string, Job>()

const loops = new Map(
  Object.entries(KINDS).map(([name, kind]) => {
    const work = async (job: Job): Promise<void> => {
      held.set(job.token, job)
      await workOn(job, kind, settings)
      held.delete(job.token)
    }
    return [name, startLoop(name, kind.at_once, (count) => claimJobs(database, kind, name, count), work)]
  })
)

function wake(kind: string | null): void {
  if (kind !== null) loops.get(kind)?.wake()
  else for (const loop of loops.values()) loop.wake()
}

let polling = false
function poll(): void {
  if (polling) return // the database hangs: one question at a time
  polling = true
  dueKinds(database.pool)
    .then((kinds) => kinds.forEach(wake))
    .catch((error: unknown) => log.warn('database_away', errorFacts(error)))
    .finally(() => (polling = false))
}

/** Keeps the leases of what runs. A lease that lapses nevertheless is no harm: its token completes nothing. */
const beat = setInterval(
  () => {
    if (held.size === 0) return
    beatJobs(database.pool, [...held.values()]).catch((error: unknown) =>
      log.warn('no_heartbeat', errorFacts(error))
    )
  },
  (LEASE * 1000) / 3
)

/** A port that is taken is no reason to leave work undone. */
const stopMetrics =
  config.metrics &&
  (await serveMetrics(config.metrics, async (registry) => {
    const { countJobs } = await import('../observe/jobs.ts')
    countJobs(registry, database.pool, Object.keys(KINDS))
  }).catch((error: unknown) => log.warn('no_metrics', errorFacts(error))))

const stopSpans =
  config.traced > 0
    ? await sendSpans(config.traced, (message) => log.warn('spans_not_taken', { message }))
    : null

const stopSchedule = keepSchedule(database, config.clamav !== null, config.alive_file)
const stopListening = listen(url, wake, poll)
log.info('ready', { kinds: [...loops.keys()] })

let leaving = false
async function leave(why: string): Promise<void> {
  if (leaving) return
  leaving = true
  log.info('draining', { why, jobs: held.size })
  setTimeout(() => process.exit(0), DRAIN).unref()
  stopSchedule()
  await stopListening()
  await Promise.all([...loops.values()].map((loop) => loop.drain()))
  clearInterval(beat)
  await stopMetrics?.()
  await stopSpans?.()
  await database.close()
  process.exit(0)
}
process.on('SIGTERM', () => void leave('SIGTERM'))
process.on('SIGINT', () => void leave('SIGINT'))
if (config.exit_with_stdin)
  process.stdin
    .resume()
    .on('end', () => process.exit(0))
    .on('error', () => process.exit(0))
