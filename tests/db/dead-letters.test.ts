/** Who is told that a job was given up, and how often (0071_dead_letters.sql). */
import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { testDatabase } from '../support/database.ts'
import { seedsOf } from '../support/functions.ts'
import { SUPERUSER } from '../../infra/postgres/roles.ts'

const database = await testDatabase()
const owner = database.pool(SUPERUSER, 2)
const pipeline = database.pool('portico_pipeline', 4)
const { seedPerson } = seedsOf(owner)
const administrators = [
  await seedPerson({ staff_role: 'administrator', password_hash: 'x' }),
  await seedPerson({ staff_role: 'administrator', password_hash: 'x' })
]
await seedPerson({ staff_role: 'staff', password_hash: 'x' })
await seedPerson({ password_hash: 'x' })

const tell = async (): Promise<number> => (await pipeline.query('select jobs_tell() as told')).rows[0].told
const mails = async () =>
  (
    await owner.query<{ id: string; person_id: string; state: string; seconds: number }>(
      `select id, data->>'person_id' as person_id, state, extract(epoch from run_at - now())::float8 as seconds
         from job where kind = 'notify' and data->>'template' = 'given_up' order by created_at`
    )
  ).rows
const send = () => owner.query(`update job set state = 'done', done_at = now() where kind = 'notify'`)
const pass = (time: string) =>
  owner.query(`update clock_mark set at = at - $1::interval where name = 'jobs.told'`, [time])

beforeEach(async () => {
  await owner.query(`delete from job; delete from clock_mark where name = 'jobs.told'`)
})

test('the first one is told to all administrators at once, and to nobody else', async () => {
  assert.equal(await tell(), 2)
  const sent = await mails()
  assert.deepEqual(
    sent.map((mail) => mail.person_id).toSorted(),
    administrators.map((person) => person.id).toSorted()
  )
  for (const { seconds } of sent) assert.ok(seconds <= 0, 'it is due now')
})

test('a hundred at once, from several connectors, are one mail', async () => {
  await Promise.all(Array.from({ length: 100 }, tell))
  assert.equal((await mails()).length, 2)
})

test('what follows within a quarter of an hour is one more mail, at its end; later ones are told at once again', async () => {
  await tell()
  await send()
  await pass('5 minutes')
  for (let i = 0; i < 5; i += 1) await tell()
  const waiting = (await mails()).filter((mail) => mail.state === 'ready')
  assert.equal(waiting.length, 2)
  for (const { seconds } of waiting) assert.ok(seconds > 590 && seconds <= 600, `in ${seconds} s`)
  await send()
  await pass('26 minutes')
  assert.equal(await tell(), 2)
  for (const mail of await mails()) if (mail.state === 'ready') assert.ok(mail.seconds <= 0)
})
