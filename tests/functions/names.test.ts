/** People, clients and groups found by a part of their name: a list is never too long to give somebody something. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { call, setStage } from '../support/functions.ts'

const stage = await setStage()
const admin = await stage.handler('admin')
const boss = await stage.seedPerson({ name: 'Ingrid Boss', staff_role: 'administrator' })
const cookie = await stage.signIn(boss)
type Page = { items: { name: string }[]; next: string | null }
const named = async (list: string, query: string): Promise<Page> => {
  const answer = await call(admin, 'GET', `/${list}?${query}`, { cookie })
  assert.equal(answer.status, 200)
  return (await answer.json()) as Page
}

test('people, clients and groups are found by a part of their name, in any case, and page by page', async () => {
  await stage.owner.query(
    `insert into person (name, email, email_key, password_hash, locale)
     select 'Person ' || n, n || '@many.example', n || '@many.example', 'x', 'de' from generate_series(1, 1300) n`
  )
  await stage.seedPerson({ name: 'Zacharias Ölmann' })
  await stage.seedOrganisation('Zürcher Werke')
  await stage.seedOrganisation('Client Ltd')
  const made = await call(admin, 'POST', '/groups', { cookie, body: { name: 'Zweigstelle' } })
  assert.equal(made.status, 201)
  assert.equal((await named('people', 'limit=200')).items.length, 200)
  for (const q of ['zacha', 'ÖLMANN', 'as Öl'])
    assert.deepEqual(
      (await named('people', `q=${encodeURIComponent(q)}`)).items.map((one) => one.name),
      ['Zacharias Ölmann'],
      q
    )
  assert.deepEqual(
    (await named('organisations', 'q=werk')).items.map((one) => one.name),
    ['Zürcher Werke']
  )
  assert.deepEqual(
    (await named('groups', 'q=zweig')).items.map((one) => one.name),
    ['Zweigstelle']
  )
  const first = await named('people', 'q=Person%201&limit=200')
  assert.ok(first.next)
  const rest = await named('people', `q=Person%201&limit=200&cursor=${first.next}`)
  assert.ok(rest.items.length > 0 && rest.items.every((one) => /^Person .*1/.test(one.name)))
  assert.deepEqual(
    (await named('people', 'q=%25')).items,
    [],
    'a sign of the database is a sign like any other'
  )
})
