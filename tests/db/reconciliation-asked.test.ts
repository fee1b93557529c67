import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { askForReconciliation } from '../../infra/runner/setup.ts'
import { testDatabase } from '../support/database.ts'
import { startRelay } from '../support/relay.ts'

const database = await testDatabase()
const owner = await database.client('portico_owner')
const url = database.url('portico_pipeline')
const relay = await startRelay(url)

test('the store is back and the database goes away at that moment: the question fails, the portal lives', async () => {
  await owner.query('begin; lock table job') // so that the question is still on its way
  const asked = askForReconciliation(relay.url(url)).then(
    () => 'answered',
    () => 'failed'
  )
  await wait(400)
  relay.cut()
  assert.equal(await asked, 'failed')
  await wait(100) // an error that nobody hears would end the process now
  await owner.query('rollback')
})

test('once more, with a database that is there: the act is waiting', async () => {
  relay.mend()
  await askForReconciliation(relay.url(url))
  const { rowCount } = await owner.query(`select from job where unique_key = 'reconcile_recent'`)
  assert.equal(rowCount, 1)
})
