import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { call, setStage } from '../support/functions.ts'
import type {
  DeadLetter,
  DeadLetterHistory,
  RecentJobs,
  WaitingJobs
} from '../../functions/_shared/contract/dead-letter.ts'

const stage = await setStage()
const admin = await stage.handler('admin')

const ingrid = await stage.seedPerson({ name: 'Ingrid', staff_role: 'administrator' })
const jonas = await stage.seedPerson({ name: 'Jonas', staff_role: 'staff' })
const petra = await stage.seedPerson({ name: 'Petra' })
const seen = await stage.seedProject({ name: 'Seen' })
const hidden = await stage.seedProject({ name: 'Hidden' })
await stage.seedGrant({ person_id: ingrid.id, node_id: seen, level: 1 })
const cookie = await stage.signIn(ingrid)

type Page = { items: DeadLetter[]; next: string | null }
const dead = async (query = ''): Promise<Page> =>
  (await call(admin, 'GET', `/jobs/dead${query}`, { cookie })).json() as Promise<Page>
const again = async (...ids: string[]): Promise<string[]> => {
  const answer = await call(admin, 'POST', '/jobs/dead/again', { cookie, body: { ids } })
  return ((await answer.json()) as { ids: string[] }).ids
}
async function addJob(state: 'ready' | 'dead', change: { project_id?: string; unique_key?: string } = {}) {
  const { rows } = await stage.owner.query<{ id: string }>(
    `insert into job (kind, data, state, attempt, error, done_at, unique_key)
     values ('preview', jsonb_build_object('project_id', $1::text), $2, 12, 'away', case $2 when 'dead' then clock_timestamp() end, $3)
     returning id`,
    [change.project_id ?? null, state, change.unique_key ?? null]
  )
  return rows[0]?.id ?? ''
}

test('what waits is counted by kind, with the age of the oldest', async () => {
  await addJob('ready')
  await addJob('ready')
  const kinds = (await (await call(admin, 'GET', '/jobs', { cookie })).json()) as WaitingJobs[]
  assert.deepEqual(
    kinds.filter((one) => one.kind === 'preview').map(({ waiting, active }) => [waiting, active]),
    [[2, 0]]
  )
})

test('dead letters say why, name only projects that the administrator sees, and come page by page', async () => {
  const mine = await addJob('dead', { project_id: seen })
  const others = await addJob('dead', { project_id: hidden })
  const first = await dead('?limit=1')
  const second = await dead(`?limit=1&cursor=${first.next ?? ''}`)
  assert.deepEqual(
    [...first.items, ...second.items].map(({ id, project, reason, attempts }) => ({
      ...{ id, name: project?.name, reason },
      attempts
    })),
    [
      { id: others, name: undefined, reason: 'away', attempts: 12 },
      { id: mine, name: 'Seen', reason: 'away', attempts: 12 }
    ]
  )
  assert.equal(second.next, null)
})

test('work begins anew once, not beside the same work, and stands in the log', async () => {
  const one = await addJob('dead')
  const twin = await addJob('dead', { unique_key: 'v1' })
  await addJob('ready', { unique_key: 'v1' })
  assert.deepEqual(await again(one, twin, crypto.randomUUID()), [one])
  assert.deepEqual(await again(one), [])
  const { rows } = await stage.owner.query('select state, attempt, error from job where id = $1', [one])
  assert.deepEqual(rows, [{ state: 'ready', attempt: 0, error: null }])
  const acts = await stage.owner.query(`select from audit where action = 'job.begun_again'`)
  assert.equal(acts.rowCount, 1)
})

test('of two dead letters about the same work one begins', async () => {
  const ids = [await addJob('dead', { unique_key: 'v2' }), await addJob('dead', { unique_key: 'v2' })]
  assert.equal((await again(...ids)).length, 1)
})

test('of the last hour is told what was done, and what failed at which function and why, without names', async () => {
  const claim = async () => {
    await stage.owner.query(`update job set run_at = now() where kind = 'rehearsal'`)
    const { rows } = await stage.owner.query<{ id: string; token: string }>(
      `select id, token from job_claim('rehearsal', 30)`
    )
    return [rows[0]?.id, rows[0]?.token]
  }
  for (const key of ['a', 'b', 'c'])
    await stage.owner.query(`select job_add('rehearsal', '{}', '', $1)`, [key])
  for (const error of ['status_502', 'Error: the will of Petra Bergmann cannot be read', 'status_502']) {
    const claimed = await claim()
    await stage.owner.query(`select job_calls($1, $2, 'preview')`, claimed)
    await stage.owner.query(`select job_fail($1, $2, $3, 0)`, [...claimed, error])
  }
  await stage.owner.query('select job_done($1, $2)', await claim())
  await stage.owner.query(
    `insert into job (kind, data, state, done_at) values ('rehearsal', '{}', 'done', now() - interval '61 minutes')`
  )
  const recent = (await (await call(admin, 'GET', '/jobs/recent', { cookie })).json()) as RecentJobs
  assert.deepEqual(
    recent.done.filter((one) => one.kind === 'rehearsal').map((one) => one.done),
    [1]
  )
  const failed = recent.failed.filter((one) => one.kind === 'rehearsal')
  assert.deepEqual(
    failed.map(({ called, cause, times }) => [called, cause, times]),
    [
      ['preview', 'status_502', 2],
      ['preview', 'Error', 1]
    ]
  )
  assert.doesNotMatch(JSON.stringify(recent), /Bergmann/)
})

test('all this is for administrators', async () => {
  for (const [person, status] of [
    [jonas, 403],
    [petra, 404]
  ] as const) {
    const theirs = await stage.signIn(person)
    for (const path of ['/jobs', '/jobs/recent', '/jobs/dead'])
      assert.equal((await call(admin, 'GET', path, { cookie: theirs })).status, status)
    const body = { ids: [crypto.randomUUID()] }
    assert.equal((await call(admin, 'POST', '/jobs/dead/again', { cookie: theirs, body })).status, status)
  }
})

describe('what a dead letter went through', () => {
  const claim = async () => {
    const { rows } = await stage.owner.query<{ id: string; token: string }>(
      `select id, token from job_claim('index', 10)`
    )
    return rows[0] ?? { id: '', token: '' }
  }
  const fail = (job: { id: string; token: string }, error: string, final = false) =>
    stage.owner.query(`select job_calls($1, $2, 'preview'), job_fail($1, $2, $3, 0, $4)`, [
      ...[job.id, job.token, error],
      final
    ])
  const historyOf = async (id: string, as = cookie) => {
    const answer = await call(admin, 'GET', `/jobs/dead/${id}`, { cookie: as })
    return { status: answer.status, body: (await answer.json()) as DeadLetterHistory }
  }

  test('is told attempt by attempt, with error and function; alike ones are one line', async () => {
    const { rows } = await stage.owner.query<{ id: string }>(
      `select job_add('index', jsonb_build_object('project_id', $1::text)) as id`,
      [seen]
    )
    const id = rows[0]?.id ?? ''
    for (const error of ['status_500', 'status_500', 'timed_out']) await fail(await claim(), error)
    await claim()
    await stage.owner.query(`update job set run_at = now() - interval '1 s' where id = $1`, [id])
    await fail(await claim(), 'died', true)
    assert.deepEqual(await again(id), [id])
    await fail(await claim(), 'died', true)
    const { body } = await historyOf(id)
    assert.equal(body.project?.name, 'Seen')
    assert.deepEqual(
      body.history.map(({ outcome, attempt, error, called, times }) => [
        outcome,
        attempt,
        error,
        called,
        times
      ]),
      [
        ['dead', 1, 'died', 'preview', 1],
        ['again', 5, null, null, 1],
        ['dead', 5, 'died', 'preview', 1],
        ['lapsed', 4, null, null, 1],
        ['failed', 3, 'timed_out', 'preview', 1],
        ['failed', 2, 'status_500', 'preview', 2]
      ]
    )
  })

  test('names only a project that the administrator sees, and is nothing once it is done', async () => {
    const others = await addJob('dead', { project_id: hidden })
    assert.equal((await historyOf(others)).body.project, null)
    await stage.owner.query(`update job set state = 'done' where id = $1`, [others])
    assert.equal((await historyOf(others)).status, 404)
    assert.equal((await historyOf(others, await stage.signIn(jonas))).status, 403)
  })
})
