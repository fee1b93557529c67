import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { testDatabase } from '../support/database.ts'

const database = await testDatabase()
const owner = await database.client('portico_owner')
const pipeline = database.pool('portico_pipeline', 8)

type Job = {
  id: string
  state: string
  attempt: number
  token: string
  data: { n: number }
  fairness_key: string
  cursor: unknown
  error: string | null
}

const add = async (
  n: number,
  more: { fairness_key?: string; unique_key?: string; priority?: number; max_attempts?: number } = {}
) =>
  (
    await pipeline.query<{ id: string | null }>(`select job_add('scan', $1, $2, $3, now(), $4, $5) as id`, [
      { n },
      more.fairness_key ?? '',
      more.unique_key ?? null,
      more.priority ?? 0,
      more.max_attempts ?? 12
    ])
  ).rows[0]?.id ?? null

const claim = async (n = 1, lease = 30) =>
  (await pipeline.query<Job>(`select * from job_claim('scan', $1, $2)`, [lease, n])).rows

async function claimOne(lease = 30): Promise<Job> {
  const [job] = await claim(1, lease)
  assert.ok(job, 'nothing to claim')
  return job
}

/** As if the lease had ended: its worker was killed or hangs. */
const lapse = () => owner.query(`update job set run_at = now() - interval '1 s' where state = 'active'`)

const answer = async (call: string, values: unknown[]) =>
  Object.values((await pipeline.query<Record<string, unknown>>(`select ${call}`, values)).rows[0] ?? {})[0]

beforeEach(() => owner.query('delete from job'))

test('a job is claimed by one of many at the same moment', async () => {
  for (let n = 0; n < 40; n += 1) await add(n)
  const claimed = (await Promise.all(Array.from({ length: 8 }, () => claim(5)))).flat()
  const ids = new Set(claimed.map((job) => job.id))
  assert.equal(ids.size, claimed.length)
  const rest = await claim(40)
  assert.equal(claimed.length + rest.length, 40)
})

test('a worker whose lease lapsed can neither complete, fail, extend nor continue the newer claim', async () => {
  await add(1)
  const old = await claimOne()
  await lapse()
  const now = await claimOne()
  assert.equal(now.id, old.id)
  assert.equal(now.attempt, 2)
  assert.equal(await answer('job_done($1, $2)', [old.id, old.token]), false)
  assert.equal(await answer('job_fail($1, $2, $3)', [old.id, old.token, 'x']), null)
  assert.equal(await answer('job_beat($1, $2, 30)', [old.id, old.token]), false)
  assert.equal(await answer('job_continue($1, $2, $3)', [old.id, old.token, {}]), false)
  assert.equal(await answer('job_done($1, $2)', [now.id, now.token]), true)
  assert.equal(await answer('job_done($1, $2)', [now.id, now.token]), false)
})

test('a heartbeat keeps the claim', async () => {
  await add(1)
  const job = await claimOne(1)
  assert.equal(await answer('job_beat($1, $2, 60)', [job.id, job.token]), true)
  const { rows } = await owner.query(
    `select run_at > now() + interval '50 s' as kept from job where id = $1`,
    [job.id]
  )
  assert.equal(rows[0].kept, true)
})

test('a job that kills its worker each time is dead at the claim after the last attempt, and is told', async () => {
  await add(1, { max_attempts: 2 })
  for (const attempt of [1, 2]) {
    const job = await claimOne()
    assert.deepEqual([job.state, job.attempt], ['active', attempt])
    await lapse()
  }
  const dead = await claimOne()
  assert.deepEqual([dead.state, dead.attempt, dead.token], ['dead', 2, null])
  assert.match(dead.error ?? '', /did not come back/)
  assert.deepEqual(await claim(), [])
})

test('a failed job waits longer each time and dies with its last attempt', async () => {
  await add(1, { max_attempts: 3 })
  const waits: number[] = []
  for (const state of ['ready', 'ready', 'dead']) {
    const job = await claimOne()
    assert.equal(await answer('job_fail($1, $2, $3)', [job.id, job.token, 'no answer']), state)
    const { rows } = await owner.query(
      'select extract(epoch from run_at - now())::float as wait, error from job'
    )
    assert.equal(rows[0].error, 'no answer')
    waits.push(rows[0].wait)
    await owner.query('update job set run_at = now()')
  }
  assert.ok((waits[0] ?? 0) > 0.9 && (waits[0] ?? 0) < 3.1, `first wait ${waits[0]}`)
  assert.ok((waits[1] ?? 0) > 1.9 && (waits[1] ?? 0) < 6.1, `second wait ${waits[1]}`)
})

test('a failure may name its own time, or be final', async () => {
  await add(1)
  const first = await claimOne()
  assert.equal(await answer('job_fail($1, $2, $3, 120)', [first.id, first.token, 'busy']), 'ready')
  await owner.query('update job set run_at = now()')
  const second = await claimOne()
  assert.equal(await answer('job_fail($1, $2, $3, null, true)', [second.id, second.token, 'refused']), 'dead')
})

/** As if so many hours had passed for all jobs, and they were due. */
const pass = (hours: number) =>
  owner.query(
    `update job set run_at = now() - interval '1 s', created_at = created_at - $1 * interval '1 hour',
                    patience_from = patience_from - $1 * interval '1 hour'`,
    [hours]
  )

/** Nobody was there to work on it, so often in turn; how many attempts count. */
async function putBack(times: number): Promise<number> {
  let attempt = 0
  for (let i = 0; i < times; i += 1) {
    const job = await claimOne()
    assert.equal(await answer('job_put_back($1, $2, $3, 0)', [job.id, job.token, 'away']), true)
    attempt = Number((await owner.query('select attempt from job')).rows[0].attempt)
  }
  return attempt
}

test('what a job needs may be away for 72 hours; from then on its attempts count', async () => {
  await add(1, { max_attempts: 3 })
  assert.equal(await putBack(5), 0)
  await pass(71)
  assert.equal(await putBack(5), 0)
  await pass(2)
  assert.equal(await putBack(3), 3)
  assert.equal((await claimOne()).state, 'dead')
})

test('what is away is asked ever more rarely, but twice a minute at least', async () => {
  await add(1)
  const again = async (): Promise<number> => {
    await owner.query('update job set run_at = now()')
    const job = await claimOne()
    assert.equal(await answer('job_put_back($1, $2, $3, null)', [job.id, job.token, 'away']), true)
    const { rows } = await owner.query<{ wait: number }>(
      'select extract(epoch from run_at - clock_timestamp())::float8 as wait from job'
    )
    return rows[0]?.wait ?? 0
  }
  const isBetween = (wait: number, least: number, most: number) =>
    assert.ok(wait > least - 0.5 && wait <= most, `${wait} s, not ${least} to ${most}`)
  isBetween(await again(), 0.5, 1.5)
  for (const [away, least, most] of [
    ['100 seconds', 5, 15],
    ['1 day', 15, 45]
  ] as const) {
    await owner.query(`update job_attempt set first_at = clock_timestamp() - $1::interval`, [away])
    isBetween(await again(), least, most)
  }
  // It was back in between: the next outage begins anew.
  await owner.query(`update job_attempt set last_at = clock_timestamp() - interval '10 minutes'`)
  isBetween(await again(), 0.5, 1.5)
})

test('a job that dies while it waits has its death in its history', async () => {
  const id = await add(1, { max_attempts: 1 })
  await pass(73)
  await putBack(1)
  assert.equal((await claimOne()).state, 'dead')
  const { rows } = await owner.query('select outcome, error from job_attempt where job_id = $1 order by id', [
    id
  ])
  assert.deepEqual(rows, [
    { outcome: 'failed', error: 'away' },
    { outcome: 'dead', error: 'away' }
  ])
})

test('who sends a dead letter off again, or gets further with a job, gives it 72 hours anew', async () => {
  const id = await add(1, { max_attempts: 1 })
  await pass(73)
  await putBack(1)
  await claimOne()
  const app = await database.client('portico_app')
  assert.equal((await app.query('select id from jobs_again($1)', [[id]])).rowCount, 1)
  assert.equal(await putBack(5), 0)
  await pass(73)
  const job = await claimOne()
  assert.equal(await answer('job_continue($1, $2, $3)', [job.id, job.token, {}]), true)
  assert.equal(await putBack(5), 0)
})

test('a continued job goes on from its cursor with fresh attempts', async () => {
  await add(1)
  const job = await claimOne()
  assert.equal(await answer('job_continue($1, $2, $3)', [job.id, job.token, { page: 21 }]), true)
  const next = await claimOne()
  assert.deepEqual([next.id, next.attempt, next.cursor], [job.id, 1, { page: 21 }])
})

test("one client's flood does not hold up another", async () => {
  for (let n = 0; n < 50; n += 1) await add(n, { fairness_key: 'flood' })
  await add(100, { fairness_key: 'quiet' })
  await add(101, { fairness_key: 'quiet' })
  const first = await claim(4)
  assert.deepEqual(first.map((job) => job.fairness_key).sort(), ['flood', 'flood', 'quiet', 'quiet'])
  await add(102, { fairness_key: 'quiet' })
  await Promise.all(
    first
      .filter((job) => job.fairness_key === 'quiet')
      .map((job) => answer('job_done($1, $2)', [job.id, job.token]))
  )
  // two of the flood are at work, none of the quiet one: its turn
  assert.equal((await claimOne()).data.n, 102)
})

test('within one client lower priorities go first, then the older', async () => {
  await add(1, { priority: 5 })
  await add(2)
  await add(3)
  const order = [await claimOne(), await claimOne(), await claimOne()]
  assert.deepEqual(
    order.map((job) => job.data.n),
    [2, 3, 1]
  )
})

test('a key waits or runs once; when it is done it may come again', async () => {
  assert.ok(await add(1, { unique_key: 'k' }))
  assert.equal(await add(2, { unique_key: 'k' }), null)
  const job = await claimOne()
  assert.equal(await add(3, { unique_key: 'k' }), null)
  await answer('job_done($1, $2)', [job.id, job.token])
  assert.ok(await add(4, { unique_key: 'k' }))
})

test('adding a job wakes the connector', async () => {
  const listener = await database.client('portico_pipeline')
  const heard = new Promise((resolve) => listener.once('notification', (message) => resolve(message.payload)))
  await listener.query('listen portico_job')
  await add(1)
  assert.equal(await heard, 'scan')
})
