/** New signatures each day, and more versions than a day's batches reach: each has its turn nevertheless. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testDatabase } from '../support/database.ts'

const database = await testDatabase()
const owner = await database.client('postgres')
const pipeline = database.pool('portico_pipeline', 1)

const BATCH = 10

/** So many versions of one document each, the first one the oldest; scanned in that order with number 100. */
async function addVersions(count: number): Promise<string[]> {
  await owner.query('set session_replication_role = replica')
  const { rows } = await owner.query<{ id: string }>(
    `insert into version (document_id, project_id, no, object_key, object_version_id, size, declared_type, state, scan_result,
                          scan_signatures, received_at, scanned_at)
     select uuidv7(), uuidv7(), 1, place::text, place::text, 1, 'text/plain', 'ready', 'clean', 100,
            now() - interval '1 day' + place * interval '1 second' as received_at, now() - interval '1 day' + place * interval '1 minute'
       from generate_series(1, $1::int) as place order by received_at returning id`,
    [count]
  )
  await owner.query('set session_replication_role = origin')
  return rows.map((row) => row.id)
}
const learn = (signatures: number) =>
  owner.query(
    `insert into clock_mark (name, at, data) values ('scanner', now(), jsonb_build_object('signatures', $1::int))
     on conflict (name) do update set data = excluded.data`,
    [signatures]
  )

/** One batch, scanned with these signatures; `broken` fails and stays as it was. */
async function scan(signatures: number, broken: string | undefined): Promise<string[]> {
  await pipeline.query('select rescan_add($1)', [BATCH])
  const { rows } = await owner.query<{ id: string }>(
    `update job set state = 'done' where kind = 'rescan' and state = 'ready' returning data->>'version_id' as id`
  )
  const ids = rows.map((row) => row.id)
  await owner.query(
    'update version set scan_signatures = $2, scanned_at = clock_timestamp() where id = any($1) and id is distinct from $3',
    [ids, signatures, broken ?? null]
  )
  return ids
}

test('thirty versions, ten scanned with each number: the newest each time, and every one in the end', async () => {
  const ids = await addVersions(30)
  const [broken] = ids
  const seen = new Set<string>()
  for (let number = 101; number <= 107; number += 1) {
    await learn(number)
    const batch = await scan(number, broken)
    assert.equal(new Set(batch).size, BATCH)
    assert.deepEqual(batch.filter((id) => ids.indexOf(id) >= 25).length, 5, 'the five newest at once')
    for (const id of batch) seen.add(id)
  }
  assert.equal(seen.size, 30)
  const { rows } = await owner.query('select id from version where scan_signatures = 100')
  assert.deepEqual(rows, [{ id: broken }], 'one that cannot be scanned keeps nobody waiting')
})

test('while a number lasts everything is scanned once with it, and then nothing', async () => {
  await learn(200)
  const all: string[] = []
  for (let batch = await scan(200, undefined); batch.length > 0; batch = await scan(200, undefined))
    all.push(...batch)
  assert.deepEqual([all.length, new Set(all).size], [30, 30])
})
