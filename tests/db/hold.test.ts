/** Deletions and backups keep out of each other's way. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { holdDeletions, unlessHeld } from '../../functions/_shared/db/hold.ts'
import { testDatabase } from '../support/database.ts'

const database = await testDatabase()
const pool = database.pool('portico_pipeline', 4)
const backup = await database.client('postgres')

test('nothing is deleted while a backup is under way, and again after it', async () => {
  assert.equal(await unlessHeld(pool, async () => 'deleted'), 'deleted')
  const release = await holdDeletions(backup)
  assert.equal(await unlessHeld(pool, async () => 'deleted'), null)
  await release()
  assert.equal(await unlessHeld(pool, async () => 'deleted'), 'deleted')
})

test('a backup waits for what is just being deleted', async () => {
  const order: string[] = []
  const deleting = unlessHeld(pool, async () => {
    await wait(300)
    order.push('deleted')
  })
  await wait(50)
  const release = await holdDeletions(backup)
  order.push('held')
  await deleting
  assert.deepEqual(order, ['deleted', 'held'])
  await release()
})

test('what is new goes out while a whole backup is made; nothing is deleted until both are done', async () => {
  const push = await database.client('postgres')
  const release = await holdDeletions(backup)
  const releasePush = await holdDeletions(push)
  await release()
  assert.equal(await unlessHeld(pool, async () => 'deleted'), null)
  await releasePush()
  assert.equal(await unlessHeld(pool, async () => 'deleted'), 'deleted')
})

test('deletions do not keep each other out', async () => {
  const both = unlessHeld(pool, async () => unlessHeld(pool, async () => 'deleted'))
  assert.equal(await both, 'deleted')
})

test('a backup that dies holds nothing any more; a deletion that fails neither', async () => {
  const dying = await database.client('postgres')
  dying.on('error', () => undefined)
  await holdDeletions(dying)
  // Its own connection: other databases of the same server hold locks too.
  const { rows: asked } = await dying.query<{ pid: number }>('select pg_backend_pid() as pid')
  const { rows } = await backup.query(
    'select pg_terminate_backend(pid) from pg_locks where pid = $1 and granted',
    [asked[0]?.pid]
  )
  assert.equal(rows.length, 1)
  for (let i = 0; i < 100 && (await unlessHeld(pool, async () => true)) === null; i += 1) await wait(20)
  await assert.rejects(
    unlessHeld(pool, async () => {
      throw new Error('the store is away')
    }),
    /the store is away/
  )
  const release = await holdDeletions(backup)
  await release()
})
