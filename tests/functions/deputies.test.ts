import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import type { Activity } from '../../functions/_shared/contract/activity.ts'
import type { Deputies, ToldDeputies } from '../../functions/_shared/contract/deputy.ts'
import type { SessionInfo } from '../../functions/_shared/contract/person.ts'
import { deputyWindow } from '../../functions/_shared/rules/deputy.ts'
import { setDocumentsStage } from '../support/documents.ts'
import { call, problemCode } from '../support/functions.ts'
import type { z } from 'zod'

const stage = await setDocumentsStage()
const admin = await stage.handler('admin')
const audit = await stage.handler('audit')
const auth = await stage.handler('auth')

type Role = 'administrator' | 'staff' | 'assistant' | 'auditor' | null
const seed = (name: string, staff_role: Role) => stage.seedPerson({ name, staff_role, password_hash: 'set' })
const ingrid = await seed('Ingrid', 'administrator')
const anna = await seed('Anna', 'staff')
const jonas = await seed('Jonas', 'staff')
const mats = await seed('Mats', 'assistant')
const rita = await seed('Rita', 'auditor')
const client = await seed('Clara', null)
const bergmann = await stage.seedOrganisation('Bergmann')
const divorce = await stage.seedProject({ name: 'Scheidung', client_id: bergmann })
await stage.seedGrant({ person_id: anna.id, node_id: divorce, level: 4 })

const cookies = new Map<string, string>()
async function send(person: { id: string }, method: string, path: string, body?: unknown, handler = admin) {
  const cookie = cookies.get(person.id) ?? (await stage.signIn(person))
  cookies.set(person.id, cookie)
  return call(handler, method, path, { cookie, body })
}
const day = (n: number) => new Date(Date.now() + n * 86_400_000).toISOString()
const wish = (more: object = {}) => ({ deputy_id: jonas.id, valid_until: day(7), ...more })
const name = (person: { id: string }, more: object = {}) => send(person, 'POST', '/deputies', wish(more))
async function refusal(answer: Promise<Response>): Promise<unknown[]> {
  const got = await answer
  const problem = (await got.json()) as { code: string; errors?: { field: string; code: string }[] }
  return [got.status, problem.code, ...(problem.errors ?? []).flatMap((one) => [one.field, one.code])]
}
async function deputies(person: { id: string }, of = ''): Promise<Deputies> {
  const answer = await send(person, 'GET', `/deputies${of && `?person_id=${of}`}`)
  assert.equal(answer.status, 200, await answer.clone().text())
  return (await answer.json()) as Deputies
}
const levelOf = async (person: { id: string }, thing = divorce) =>
  (
    await stage.owner.query<{ level: number }>(
      'select level from access_levels(array[$1]::uuid[], array[$2]::uuid[], now())',
      [person.id, thing]
    )
  ).rows[0]?.level
const OVERLAPS = [422, 'invalid_request', 'deputy_id', 'overlaps']
const endAll = () =>
  stage.owner.query('update deputy set ended_at = now(), ended_by = absent_id where counts_until > now()')

test('a window is kept as it is wished, from now at the earliest, and for a year at most', () => {
  const now = new Date('2026-11-28T12:00:00Z')
  const at = (from: string | null, until: string) => deputyWindow({ from, until }, now)
  const [past, soon, later] = ['2026-11-27T00:00:00Z', '2026-12-01T00:00:00.000Z', '2026-12-08T00:00:00.000Z']
  assert.deepEqual(at(soon, later), { from: soon, until: later })
  assert.deepEqual(at(null, later), { from: null, until: later })
  assert.deepEqual(at(past, later), { from: null, until: later })
  assert.deepEqual(at(null, past), { refused: 'past' })
  assert.deepEqual(at(null, now.toISOString()), { refused: 'past' })
  assert.deepEqual(at(soon, soon), { refused: 'empty' })
  assert.deepEqual(at(later, soon), { refused: 'empty' })
  assert.deepEqual(at(null, '2027-11-30T12:00:00Z'), { refused: 'too_far' })
})

const toldTo = async (person: { id: string }) => {
  const answer = await send(person, 'GET', '/deputies/told')
  assert.equal(answer.status, 200)
  const { items } = (await answer.json()) as ToldDeputies
  return items.map((one) => [one.named_by.name, one.deputy.name, one.absent.name])
}
const unreadOf = async (person: { id: string }) =>
  ((await (await send(person, 'GET', '/notices/unread', undefined, auth)).json()) as { unread: number })
    .unread
const mailsTo = async (person: { id: string }) =>
  (
    await stage.owner.query<{ template: string }>(
      `select data->>'template' as template from job
        where kind = 'notify' and data->>'template' like 'deputy%' and data->>'person_id' = $1 order by created_at`,
      [person.id]
    )
  ).rows.map((one) => one.template)

test('one names a deputy for oneself, and the deputy is told of it; the deputy holds what the absent one holds', async () => {
  assert.equal(await levelOf(jonas), 0)
  const answer = await name(anna)
  assert.equal(answer.status, 201)
  const mine = (await answer.json()) as Deputies
  assert.deepEqual(
    mine.deputies.map((one) => [one.absent.name, one.deputy.name, one.named_by.name, one.begun, one.works]),
    [['Anna', 'Jonas', 'Anna', true, true]]
  )
  assert.equal(await levelOf(jonas), 4)
  const his = await deputies(jonas)
  assert.deepEqual([his.deputies.length, his.stands_in.map((one) => one.absent.name)], [0, ['Anna']])
  const info = (await (await send(jonas, 'GET', '/session', undefined, auth)).json()) as z.infer<
    typeof SessionInfo
  >
  assert.deepEqual(
    info.stands_in.map((one) => [one.name, one.until.slice(0, 10)]),
    [['Anna', day(7).slice(0, 10)]]
  )
  const hers = (await (await send(anna, 'GET', '/session', undefined, auth)).json()) as { stands_in: [] }
  assert.deepEqual(hers.stands_in, [])
  assert.deepEqual(await toldTo(jonas), [['Anna', 'Jonas', 'Anna']])
  assert.deepEqual([await mailsTo(jonas), await mailsTo(anna), await mailsTo(ingrid)], [['deputy'], [], []])
})

test('of one whom an administrator names the absent one, the deputy and the other administrators are told, in the inbox and by mail', async () => {
  const birgit = await seed('Birgit', 'administrator')
  const [absent, deputy] = [await seed('Arne', 'staff'), await seed('Dora', 'staff')]
  const before = await unreadOf(birgit)
  const named = await send(ingrid, 'POST', '/deputies', wish({ absent_id: absent.id, deputy_id: deputy.id }))
  assert.equal(named.status, 201)
  for (const person of [absent, deputy, birgit])
    assert.deepEqual(await toldTo(person), [['Ingrid', 'Dora', 'Arne']], person.name)
  assert.deepEqual(await Promise.all([absent, deputy, birgit, ingrid, anna].map(mailsTo)), [
    ['deputy'],
    ['deputy'],
    ['deputy_of_other'],
    [],
    []
  ])
  assert.deepEqual([await unreadOf(absent), (await unreadOf(birgit)) - before], [1, 1])
  assert.deepEqual(await toldTo(ingrid), [])
  // What was ended meanwhile is still told, until it was read.
  const [held] = (await deputies(absent)).deputies
  assert.equal((await send(ingrid, 'POST', `/deputies/${held?.id}/end`)).status, 204)
  assert.equal((await toldTo(absent)).length, 1)
  assert.equal((await send(absent, 'POST', '/deputies/told/read', { ids: [held?.id] })).status, 204)
  assert.deepEqual([await toldTo(absent), await unreadOf(absent)], [[], 0])
  assert.equal((await toldTo(birgit)).length, 1, 'each reads for themselves')
  // Whoever runs the firm no longer has no business with others' deputies.
  await stage.owner.query(`update person set staff_role = 'staff' where id = $1`, [birgit.id])
  assert.deepEqual(await toldTo(birgit), [])
  assert.equal((await send(rita, 'GET', '/deputies/told')).status, 403)
  assert.equal((await send(client, 'GET', '/deputies/told')).status, 404)
})

test('what a deputy does only in the place of the absent one is in the log so, and nobody else pays for it', async () => {
  await stage.owner.query('update session set proved_at = now()')
  const own = await stage.seedProject({ name: 'Own', client_id: bergmann })
  await stage.seedGrant({ person_id: jonas.id, node_id: own, level: 4 })
  const invite = (person: { id: string }, thing_id: string) =>
    send(person, 'POST', '/grants', {
      ...{ thing_id, principal_kind: 'person', principal_id: mats.id, level: 'view', confirm: true }
    })
  assert.equal((await invite(jonas, divorce)).status, 201)
  assert.equal((await invite(jonas, own)).status, 201)
  const acts = async (project: string) => {
    const answer = await send(anna, 'GET', `/activity?project_id=${project}`, undefined, audit)
    return ((await answer.json()) as { items: Activity[] }).items
  }
  await stage.seedGrant({ person_id: anna.id, node_id: own, level: 4 })
  const given = async (project: string) =>
    (await acts(project)).find((act) => act.action === 'grant.given' && act.actor?.id === jonas.id)
  const [inPlace, himself] = [await given(divorce), await given(own)]
  assert.deepEqual([inPlace?.deputy_of?.name, inPlace?.facts.deputy_of], ['Anna', anna.id])
  assert.deepEqual([himself?.deputy_of, himself?.facts.deputy_of], [null, undefined])
})

test('who is named twice for the same time is named once; again afterwards, or somebody else beside, does', async () => {
  assert.deepEqual(await refusal(name(anna)), OVERLAPS)
  assert.deepEqual(await refusal(name(anna, { valid_from: day(6), valid_until: day(9) })), OVERLAPS)
  assert.equal((await name(anna, { valid_from: day(7), valid_until: day(9) })).status, 201)
  assert.equal((await name(anna, { deputy_id: mats.id })).status, 201)
  const both = await deputies(anna)
  assert.deepEqual(
    both.deputies.map((one) => [one.deputy.name, one.begun]),
    [
      ['Jonas', true],
      ['Mats', true],
      ['Jonas', false]
    ]
  )
  // Two at once for the same one: one of them comes second.
  await endAll()
  const answers = await Promise.all([name(anna), name(anna), name(anna)])
  assert.deepEqual(answers.map((one) => one.status).toSorted(), [201, 422, 422])
})

test('windows that have been, are empty or too long are refused at their field', async () => {
  await endAll()
  const bad = [422, 'invalid_request', 'valid_until']
  assert.deepEqual(await refusal(name(anna, { valid_until: day(-1) })), [...bad, 'past'])
  assert.deepEqual(await refusal(name(anna, { valid_from: day(3), valid_until: day(2) })), [...bad, 'empty'])
  assert.deepEqual(await refusal(name(anna, { valid_until: day(400) })), [...bad, 'too_far'])
  assert.equal(await levelOf(jonas), 0)
})

test('nobody is named who is of another kind: clients, auditors, closed accounts, ids of nobody', async () => {
  const gone = await seed('Gone', 'staff')
  await stage.owner.query(`update person set valid_until = now() where id = $1`, [gone.id])
  const waiting = await stage.seedPerson({ name: 'Waiting', staff_role: 'staff', password_hash: null })
  for (const id of [client.id, rita.id, gone.id, waiting.id, randomUUID()])
    assert.deepEqual(await refusal(name(anna, { deputy_id: id })), [
      ...[422, 'invalid_request', 'deputy_id', 'unknown']
    ])
  for (const id of [client.id, rita.id, gone.id, randomUUID()])
    assert.deepEqual(await refusal(name(ingrid, { absent_id: id })), [
      ...[422, 'invalid_request', 'absent_id', 'unknown']
    ])
  assert.deepEqual(await refusal(name(anna, { deputy_id: anna.id })), [
    ...[422, 'invalid_request', 'deputy_id', 'self']
  ])
  const possible = (await deputies(anna)).possible.map((one) => one.name)
  for (const who of ['Jonas', 'Mats', 'Ingrid']) assert.ok(possible.includes(who))
  for (const who of ['Anna', 'Clara', 'Rita', 'Gone', 'Waiting']) assert.ok(!possible.includes(who))
})

test('clients find no such door, auditors may not; for others administrators name, and never themselves', async () => {
  assert.deepEqual(await refusal(name(client)), [404, 'not_found'])
  assert.deepEqual(await refusal(name(rita)), [403, 'forbidden'])
  assert.deepEqual(await refusal(send(rita, 'GET', '/deputies')), [403, 'forbidden'])
  assert.deepEqual(await refusal(name(jonas, { absent_id: anna.id, deputy_id: mats.id })), [403, 'forbidden'])
  assert.deepEqual(await refusal(name(jonas, { absent_id: anna.id })), [403, 'forbidden'])
  assert.deepEqual(await refusal(name(ingrid, { absent_id: anna.id, deputy_id: ingrid.id })), [
    ...[403, 'forbidden']
  ])
  assert.deepEqual(await refusal(send(jonas, 'GET', `/deputies?person_id=${anna.id}`)), [403, 'forbidden'])
  assert.deepEqual(await refusal(send(ingrid, 'GET', `/deputies?person_id=${client.id}`)), [404, 'not_found'])
  assert.equal(await levelOf(jonas), 0)
  assert.equal((await name(ingrid, { absent_id: anna.id })).status, 201)
  assert.equal(await levelOf(jonas), 4)
  assert.equal((await deputies(ingrid, anna.id)).deputies[0]?.named_by.name, 'Ingrid')
})

test('to name one asks for a factor again, to end one does not', async () => {
  await endAll()
  await stage.owner.query(`update session set proved_at = now() - interval '16 minutes'`)
  assert.deepEqual(await refusal(name(anna)), [403, 'proof_needed'])
  await stage.owner.query('update session set proved_at = now()')
  const made = (await (await name(anna)).json()) as Deputies
  await stage.owner.query(`update session set proved_at = now() - interval '16 minutes'`)
  const id = made.deputies[0]?.id
  assert.equal((await send(anna, 'POST', `/deputies/${id}/end`)).status, 204)
  await stage.owner.query('update session set proved_at = now()')
})

test('it is ended by either of both or an administrator, once, and then gives nothing at once', async () => {
  for (const who of [anna, jonas, ingrid]) {
    const made = (await (await name(anna)).json()) as Deputies
    const id = made.deputies[0]?.id ?? ''
    assert.equal(await levelOf(jonas), 4)
    assert.deepEqual(await refusal(send(mats, 'POST', `/deputies/${id}/end`)), [404, 'not_found'])
    assert.deepEqual(await refusal(send(rita, 'POST', `/deputies/${id}/end`)), [403, 'forbidden'])
    assert.equal((await send(who, 'POST', `/deputies/${id}/end`)).status, 204)
    assert.equal(await levelOf(jonas), 0)
    assert.deepEqual(await refusal(send(who, 'POST', `/deputies/${id}/end`)), [404, 'not_found'])
    assert.deepEqual((await deputies(anna)).deputies, [])
  }
  assert.deepEqual(await refusal(send(ingrid, 'POST', `/deputies/${randomUUID()}/end`)), [404, 'not_found'])
  const { rows } = await stage.owner.query<{ action: string; actor_id: string; subject_id: string }>(
    `select action, actor_id, subject_id from audit where action in ('deputy.named', 'deputy.ended') order by seq desc limit 2`
  )
  assert.deepEqual(
    rows.map((one) => [one.action, one.actor_id, one.subject_id]),
    [
      ['deputy.ended', ingrid.id, jonas.id],
      ['deputy.named', anna.id, jonas.id]
    ]
  )
})

test('one that has not begun gives nothing, and can be ended before', async () => {
  const made = (await (await name(anna, { valid_from: day(2) })).json()) as Deputies
  assert.equal(await levelOf(jonas), 0)
  const [one] = made.deputies
  assert.equal(one?.begun, false)
  assert.equal((await send(jonas, 'POST', `/deputies/${one?.id}/end`)).status, 204)
  assert.deepEqual((await deputies(anna)).deputies, [])
})

test('a closed account on either side gives nothing, and says so; opened again it does', async () => {
  assert.equal((await name(anna)).status, 201)
  for (const who of [anna, jonas]) {
    const other = who === anna ? jonas : anna
    await stage.owner.query(`update person set valid_until = now() where id = $1`, [who.id])
    assert.equal(await levelOf(jonas), 0)
    const seen = await deputies(other)
    assert.deepEqual(
      [...seen.deputies, ...seen.stands_in].map((one) => one.works),
      [false]
    )
    const { rows } = await stage.owner.query<{ to: object[] }>('select standing_in($1, now()) as to', [
      jonas.id
    ])
    assert.deepEqual(rows[0]?.to, [])
    await stage.owner.query(`update person set valid_until = 'infinity' where id = $1`, [who.id])
    assert.equal(await levelOf(jonas), 4)
  }
  await stage.owner.query(`update person set staff_role = 'auditor' where id = $1`, [anna.id])
  assert.equal(await levelOf(jonas), 0)
  await stage.owner.query(`update person set staff_role = 'staff' where id = $1`, [anna.id])
})

test('a trial of a change tells of the deputy too, and where it is another below', async () => {
  const { rows: made } = await stage.owner.query<{ id: string }>(
    `insert into node (kind, parent_id, name) values ('folder', $1, 'Below') returning id`,
    [divorce]
  )
  const below = made[0]?.id ?? ''
  await stage.owner.query(
    `insert into access_grant (person_id, node_id, level, allows) values ($1, $2, 3, false)`,
    [anna.id, below]
  )
  const { rows } = await stage.owner.query<{ thing_id: string; before: number; after: number }>(
    `select t.thing_id, t.before, t.after
       from access_try('take', (select g from access_grant g where g.person_id = $1 and g.node_id = $2), now()) t
      where t.who = $3 order by t.before desc`,
    [anna.id, divorce, jonas.id]
  )
  assert.deepEqual(rows, [
    { thing_id: divorce, before: 4, after: 0 },
    { thing_id: below, before: 2, after: 0 }
  ])
})

test('whom a deputy answers for: the guests of the absent one', async () => {
  const guest = await stage.seedPerson({ name: 'Guest', password_hash: 'set' })
  await stage.owner.query(
    `insert into project_guest (project_id, person_id, sponsor_id, valid_until) values ($1, $2, $3, now() + interval '5 days')`,
    [divorce, guest.id, anna.id]
  )
  const extend = (person: { id: string }) =>
    send(person, 'PATCH', `/projects/${divorce}/guests/${guest.id}`, { valid_until: day(20) })
  await stage.seedGrant({ person_id: mats.id, node_id: divorce, level: 4 })
  assert.equal(await problemCode(await extend(mats)), 'forbidden')
  assert.equal((await extend(jonas)).status, 200)
  const { rows } = await stage.owner.query<{ facts: { deputy_of?: string } }>(
    `select convert_from(body, 'UTF8')::jsonb->'facts' as facts from audit where action = 'guest.extended' order by seq desc limit 1`
  )
  assert.equal(rows[0]?.facts.deputy_of, anna.id)
  await endAll()
  assert.equal(await problemCode(await extend(jonas)), 'not_found')
})
