import assert from 'node:assert/strict'
import { test } from 'node:test'
import { call, setStage } from '../support/functions.ts'
import type { DeadLetter, WaitingJobs } from '../../functions/_shared/contract/dead-letter.ts'

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

test('all this is for administrators', async () => {
  for (const [person, status] of [
    [jonas, 403],
    [petra, 404]
  ] as const) {
    const theirs = await stage.signIn(person)
    for (const path of ['/jobs', '/jobs/dead'])
      assert.equal((await call(admin, 'GET', path, { cookie: theirs })).status, status)
    const body = { ids: [crypto.randomUUID()] }
    assert.equal((await call(admin, 'POST', '/jobs/dead/again', { cookie: theirs, body })).status, status)
  }
})
