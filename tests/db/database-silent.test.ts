import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { databaseAway } from '../../functions/_shared/answer-error.ts'
import { openDatabase } from '../../functions/_shared/db/database.ts'
import { testDatabase } from '../support/database.ts'
import { startRelay } from '../support/relay.ts'

const direct = (await testDatabase()).url('portico_app')
const relay = await startRelay(direct)

/** What came of it, or that nothing did. */
const within = <T>(milliseconds: number, work: Promise<T>): Promise<T | 'nothing' | Error> =>
  Promise.race([
    work.catch((error: unknown) => (error instanceof Error ? error : new Error(String(error)))),
    wait(milliseconds, 'nothing' as const)
  ])

async function opened() {
  const database = openDatabase(relay.url(direct), 2, 600)
  await database.pool.query('select 1')
  return database
}

test('a connection on which nothing passes any more is given up, and the next question takes another', async () => {
  const database = await opened()
  relay.silence()
  const answer = await within(3_000, database.pool.query('select 1'))
  assert.ok(answer instanceof Error && databaseAway(answer), String(answer))
  const next = await within(3_000, database.pool.query('select 2 as two'))
  assert.ok(typeof next === 'object' && 'rows' in next)
  assert.deepEqual(next.rows, [{ two: 2 }])
  await within(1_000, database.close())
})

test('a transaction on such a connection fails once, not once more by its rollback', async () => {
  const database = await opened()
  const work = database.transaction([], async (session) => {
    relay.silence()
    await session.query('select 1')
  })
  const answer = await within(1_100, work)
  assert.ok(answer instanceof Error && databaseAway(answer), String(answer))
  assert.equal(
    await within(
      3_000,
      database.transaction([], async () => 'done')
    ),
    'done'
  )
  await within(1_000, database.close())
})

test('a connection that ends between two statements of a transaction fails it, and ends nothing else', async () => {
  const database = await opened()
  const work = database.transaction([], async (session) => {
    await session.query('select 1')
    relay.cut()
    await wait(300)
    await session.query('select 2')
  })
  const answer = await within(3_000, work)
  assert.ok(answer instanceof Error, String(answer))
  relay.mend()
  assert.equal(
    await within(
      3_000,
      database.transaction([], async () => 'done')
    ),
    'done'
  )
  await within(1_000, database.close())
})
