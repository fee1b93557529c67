/** The feed of events for machines: real rows, real keys, and the rule as it stands at the moment of the call. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { before, describe, test } from 'node:test'
import type { ApiKey } from '../../functions/_shared/contract/api-key.ts'
import type { Events } from '../../functions/_shared/contract/event.ts'
import { asCaller, file, setDocumentsStage } from '../support/documents.ts'
import { type SeededPerson, call } from '../support/functions.ts'

const stage = await setDocumentsStage()
const admin = await stage.handler('admin')
const audit = await stage.handler('audit')

let anna: SeededPerson
let petra: SeededPerson
let project: string
let other: string
let files: ReturnType<typeof asCaller>

before(async () => {
  anna = await stage.seedPerson({ staff_role: 'administrator' })
  petra = await stage.seedPerson()
  project = await stage.seedProject({ name: 'Own' })
  other = await stage.seedProject({ name: 'Foreign' })
  for (const node_id of [project, other]) await stage.seedGrant({ person_id: anna.id, node_id, level: 4 })
  await stage.seedGrant({ person_id: petra.id, node_id: project, level: 2 })
  files = asCaller(stage.documents, await stage.signIn(anna))
})

async function keyOf(person: SeededPerson, wish: Partial<ApiKey> = {}): Promise<string> {
  const cookie = await stage.signIn(person)
  await stage.owner.query('update session set proved_at = now() where person_id = $1', [person.id])
  const body = { name: 'Machine', scopes: ['read'], days: 1, ...wish }
  const made = await call(admin, 'POST', '/keys', { cookie, body })
  assert.equal(made.status, 201, await made.clone().text())
  return (await made.json()).token
}
const ask = (token: string, query: Record<string, string> = {}) =>
  call(audit, 'GET', `/events?${new URLSearchParams(query)}`, {
    origin: null,
    headers: { authorization: `Bearer ${token}` }
  })
async function feed(token: string, query: Record<string, string> = {}): Promise<Events> {
  const answer = await ask(token, query)
  assert.equal(answer.status, 200, await answer.clone().text())
  return answer.json()
}
const now = async (token: string) => (await feed(token, { from: 'now' })).next
const told = ({ items }: Events) =>
  items.map((one) => `${one.type} ${one.data.project_id === project ? 'own' : 'other'}`)
const newFolder = (parent_id: string) =>
  files.ok('POST', '/folders', { parent_id, name: `Folder ${randomUUID()}` })

describe('the feed', () => {
  test('tells what came after a place, oldest first, in pages that join without a gap', async () => {
    const token = await keyOf(anna)
    const start = await now(token)
    for (let i = 0; i < 5; i += 1) await newFolder(project)
    const seen: string[] = []
    let after = start
    let more = true
    while (more) {
      const page = await feed(token, { after, limit: '2', types: 'folder.created' })
      seen.push(...page.items.map((one) => one.id))
      more = page.more
      after = page.next
    }
    const all = await feed(token, { after: start, types: 'folder.created' })
    assert.equal(all.items.length, 5)
    assert.deepEqual(
      seen,
      all.items.map((one) => one.id)
    )
    assert.deepEqual((await feed(token, { after })).items, [])
  })

  test('tells a person of what they may see, and nobody of more', async () => {
    const [client, boss] = [await keyOf(petra), await keyOf(anna)]
    const [place, start] = [await now(client), await now(boss)]
    await files.upload(project, [file('A.txt', 'a')])
    await files.upload(other, [file('B.txt', 'b')])
    const types = 'document.arrived'
    assert.deepEqual(told(await feed(client, { after: place, types })), ['document.arrived own'])
    assert.deepEqual(told(await feed(boss, { after: start, types })), [
      'document.arrived own',
      'document.arrived other'
    ])
    const text = JSON.stringify(await feed(client, { after: place }))
    assert.ok(!text.includes('A.txt') && !text.includes(other))
  })

  test('asks the rule when it is read, not when it happened', async () => {
    const kim = await stage.seedPerson()
    const grant = await stage.seedGrant({ person_id: kim.id, node_id: project, level: 2 })
    const token = await keyOf(kim)
    const place = await now(token)
    await newFolder(project)
    assert.deepEqual(told(await feed(token, { after: place })), ['folder.created own'])
    await stage.owner.query('update access_grant set valid_until = now() where id = $1', [grant])
    assert.deepEqual(told(await feed(token, { after: place })), [])
  })

  test('of one project is told to whoever sees something in it; a foreign one is as if it were not there', async () => {
    const token = await keyOf(petra)
    const place = await now(token)
    await newFolder(project)
    assert.deepEqual(told(await feed(token, { after: place, project_id: project })), ['folder.created own'])
    for (const project_id of [other, randomUUID()]) {
      const answer = await ask(token, { project_id })
      assert.deepEqual([answer.status, (await answer.json()).code], [404, 'not_found'])
    }
  })

  test('needs a key that may read, and stays in the one project that a key is limited to', async () => {
    const blind = await keyOf(anna, { scopes: ['upload'] })
    const denied = await ask(blind)
    assert.equal(denied.status, 403)
    assert.match((await denied.json()).detail, /scope "read"/)
    const limited = await keyOf(anna, { project_id: project })
    const place = await now(limited)
    await newFolder(other)
    await newFolder(project)
    assert.deepEqual(told(await feed(limited, { after: place })), ['folder.created own'])
    assert.equal((await ask(limited, { project_id: other })).status, 404)
    assert.equal((await ask('portico_nothing')).status, 401)
  })

  test('waits for what is to come, and no longer than it was asked to', async () => {
    const token = await keyOf(petra)
    const place = await now(token)
    const waiting = feed(token, { after: place, wait: '10' })
    const begun = performance.now()
    await newFolder(other) // nothing of theirs: the call stays open
    await new Promise((resolve) => setTimeout(resolve, 700))
    await newFolder(project)
    assert.deepEqual(told(await waiting), ['folder.created own'])
    assert.ok(performance.now() - begun < 6_000)
    const empty = await feed(token, { after: await now(token), wait: '1' })
    assert.deepEqual([empty.items, empty.more], [[], false])
  })

  test('of a long log comes in strides: many acts that are none of the reader’s hold up nobody', async () => {
    const token = await keyOf(petra)
    const place = await now(token)
    await stage.owner.query(
      `select audit_append(array_agg(json_build_object('at', now(), 'action', 'folder.created', 'project_id', $1::text, 'facts', json_build_object())::text),
                           array_fill(null::bytea, array[12000]), array_fill(null::text, array[12000]))
         from generate_series(1, 12000)`,
      [other]
    )
    await newFolder(project)
    let after = place
    let calls = 0
    for (let page = await feed(token, { after }); ; page = await feed(token, { after })) {
      calls += 1
      after = page.next
      if (page.items.length > 0) break
      assert.ok(page.more && calls < 10)
    }
    assert.equal(calls, 3)
  })

  test('takes no other place than one of its own', async () => {
    const token = await keyOf(petra)
    for (const query of ['after=x', 'types=document.nothing', 'wait=3600', 'project_id=x'])
      assert.equal((await ask(token, Object.fromEntries(new URLSearchParams(query)))).status, 422, query)
  })
})
