/** What the portal knows of its backups, whom it tells, and when the next one is due. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { z } from 'zod'
import type { BackupState, Backups } from '../../functions/_shared/contract/backup.ts'
import { isDue } from '../../infra/runner/backups.ts'
import { call, setStage } from '../support/functions.ts'

const stage = await setStage()
const admin = await stage.handler('admin')
const ingrid = await stage.seedPerson({ staff_role: 'administrator' })
const petra = await stage.seedPerson({ staff_role: null })
const pipeline = stage.database.pool('portico_pipeline', 1)

async function made(begun: string, more: { problem?: string; every?: number } = {}): Promise<string> {
  const { rows } = await stage.owner.query<{ id: string }>(
    `insert into backup (begun_at, every_minutes, run, problem, database_bytes, kept)
     values (now() - $1::interval, $2, $3, $4, 7, 3) returning id`,
    [begun, more.every ?? 120, more.problem ? null : 'a run', more.problem ?? null]
  )
  return rows[0]?.id ?? ''
}
const drilled = (backup_id: string, problem: string | null) =>
  stage.owner.query(
    'insert into backup_drill (backup_id, begun_at, problem, log_rows, documents) values ($1, now(), $2, 9, 2)',
    [backup_id, problem]
  )
const ask = async <T>(person: { id: string }, path: string): Promise<T> => {
  const answer = await call(admin, 'GET', path, { cookie: await stage.signIn(person) })
  assert.equal(answer.status, 200, await answer.clone().text())
  return answer.json()
}
const seen = () => ask<z.infer<typeof Backups>>(ingrid, '/backups')
const tell = async () =>
  (await pipeline.query<{ told: number }>('select backup_tell() as told')).rows[0]?.told
const mails = async () =>
  (
    await stage.owner.query<{ person_id: string }>(
      `select data->>'person_id' as person_id from job where kind = 'notify' and data->>'template' = 'backup'`
    )
  ).rows.map((one) => one.person_id)

/** As the connector leaves them: the same mail waits no longer. */
const mailed = () => stage.owner.query(`update job set state = 'done' where kind = 'notify'`)

test('where none was ever made nothing is late, and nobody is told', async () => {
  assert.deepEqual(await seen(), { state: null, under_way: null, items: [] })
  assert.deepEqual(await ask(petra, '/backups/state'), { last_at: null, saved_at: null, drilled_at: null })
  assert.equal(await tell(), 0)
})

test('the one that is being made is shown while it tells of itself, and no longer', async () => {
  await stage.owner.query(
    `insert into backup_running (begun_at, step, part) values (now() - interval '3 minutes', 'objects', 0.25)`
  )
  const { state, under_way } = await seen()
  assert.deepEqual([state, under_way?.step, under_way?.part], [null, 'objects', 0.25])
  await stage.owner.query(`update backup_running set told_at = now() - interval '61 seconds'`)
  assert.equal((await seen()).under_way, null, 'it was killed')
  await stage.owner.query('delete from backup_running')
})

test('one that failed from the beginning is late after two intervals; administrators are told once', async () => {
  await made('3 hours', { problem: 'target_away' })
  assert.equal((await seen()).state?.late, false)
  await made('250 minutes', { problem: 'target_away' })
  const { state } = await seen()
  assert.deepEqual([state?.late, state?.last_at], [true, null])
  assert.ok(((await tell()) ?? 0) >= 1)
  const told = await mails()
  assert.ok(told.includes(ingrid.id))
  assert.ok(!told.includes(petra.id))
  assert.equal(await tell(), 0, 'the next minute nobody is told again')
  await stage.owner.query(`update clock_mark set at = at - interval '25 hours' where name = 'backup.told'`)
  await mailed()
  assert.ok(((await tell()) ?? 0) >= 1, 'the next day again')
})

test('a whole one ends it; the last failure after it does not hide it', async () => {
  const id = await made('10 minutes')
  await drilled(id, null)
  await made('5 minutes', { problem: 'target_full' })
  const { state, items } = await seen()
  assert.equal(state?.late, false)
  assert.equal(items[0]?.problem, 'target_full')
  assert.deepEqual([items[1]?.problem, items[1]?.kept, items[1]?.drill?.documents], [null, 3, 2])
  assert.equal(await tell(), 0)
  const line = await ask<z.infer<typeof BackupState>>(petra, '/backups/state')
  assert.deepEqual(
    Object.keys(line).toSorted(),
    ['drilled_at', 'last_at', 'saved_at'],
    'nothing of where and how'
  )
  assert.ok(line.last_at && line.drilled_at)
})

test('what goes out between two backups is shown, and late after a quarter of an hour of a running database', async () => {
  const recent = (at: string, documents_at: string, problem: string | null) =>
    stage.owner.query(
      `insert into backup_recent (every_seconds, at, documents_at, problem)
       values (120, now() - $1::interval, now() - $2::interval, $3)
       on conflict (id) do update set at = excluded.at, documents_at = excluded.documents_at, problem = excluded.problem`,
      [at, documents_at, problem]
    )
  await made('100 minutes')
  assert.equal((await seen()).state?.recent_at, null)
  await recent('1 minute', '3 minutes', null)
  const { state } = await seen()
  assert.deepEqual([state?.recent_late, state?.recent_problem], [false, null])
  const line = await ask<z.infer<typeof BackupState>>(petra, '/backups/state')
  assert.equal(line.saved_at, state?.documents_at, 'the older of the two is what is promised')
  await recent('20 minutes', '20 minutes', 'target_away')
  assert.equal((await seen()).state?.recent_problem, 'target_away')
  const isLate = async (...ago: (string | null)[]) =>
    (
      await stage.owner.query<{ late: boolean }>(
        'select recent_is_late(now() - $1::interval, now() - $2::interval, now() - $3::interval, now() - $4::interval) as late',
        ago
      )
    ).rows[0]?.late
  assert.equal(await isLate('16 minutes', '1 minute', '2 hours', '3 days'), true)
  assert.equal(await isLate('1 minute', '16 minutes', '2 hours', '3 days'), true, 'only the log goes out')
  assert.equal(await isLate('1 minute', null, '2 hours', '3 days'), true, 'no document has ever gone out')
  assert.equal(await isLate(null, null, '2 hours', '3 days'), true, 'nothing has ever gone out')
  assert.equal(await isLate('1 minute', '14 minutes', '2 hours', '3 days'), false)
  assert.equal(
    await isLate('9 hours', '9 hours', '10 hours', '1 minute'),
    false,
    'the portal was off over night'
  )
  assert.equal(
    await isLate('1 minute', '3 hours', '2 minutes', '3 days'),
    false,
    'a whole one holds them too'
  )
  await stage.owner.query('delete from backup_recent')
})

test('a trial that failed is told like one that is late', async () => {
  await mailed()
  await drilled(await made('1 minute'), 'documents')
  const { state } = await seen()
  assert.deepEqual([state?.late, state?.drill_failed], [false, true])
  assert.ok(((await tell()) ?? 0) >= 1)
})

test('nobody changes what is known of backups; clients and staff do not see the tries', async () => {
  await assert.rejects(stage.owner.query('update backup set problem = null'), /only ever added to/)
  await assert.rejects(stage.owner.query('delete from backup_drill'), /only ever added to/)
  const app = stage.database.pool('portico_app', 1)
  await assert.rejects(app.query('select from backup'), /permission denied/)
  const staff = await stage.seedPerson({ staff_role: 'staff' })
  for (const one of [petra, staff]) {
    const answer = await call(admin, 'GET', '/backups', { cookie: await stage.signIn(one) })
    assert.ok([403, 404].includes(answer.status), String(answer.status))
    const { rows } = await app.query('select from backups($1, 10)', [one.id])
    assert.equal(rows.length, 0)
  }
})

test('the next one is due an interval after the last whole one began, and sooner after one that failed', () => {
  const minutes = (n: number) => n * 60_000
  const now = minutes(10_000)
  assert.equal(isDue(now, 2, null, null), true)
  assert.equal(isDue(now, 2, now - minutes(119), now - minutes(119)), false)
  assert.equal(isDue(now, 2, now - minutes(120), now - minutes(120)), true)
  assert.equal(isDue(now, 2, now - minutes(130), now - minutes(5)), false, 'it failed five minutes ago')
  assert.equal(isDue(now, 2, now - minutes(130), now - minutes(10)), true)
  // Nothing for the log to go on from, or too much of it: at once, but not again and again.
  assert.equal(isDue(now, 2, now - minutes(20), now - minutes(20), true), true)
  assert.equal(isDue(now, 2, now - minutes(20), now - minutes(5), true), false)
})
