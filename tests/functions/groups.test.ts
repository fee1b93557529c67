import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { AccessChange } from '../../functions/_shared/contract/access.ts'
import type { Group, GroupPage } from '../../functions/_shared/contract/group.ts'
import { call, setStage } from '../support/functions.ts'

const stage = await setStage()
const admin = await stage.handler('admin')

const ingrid = await stage.seedPerson({ name: 'Ingrid', staff_role: 'administrator' })
const jonas = await stage.seedPerson({ name: 'Jonas', staff_role: 'staff' })
const anna = await stage.seedPerson({ name: 'Anna', staff_role: 'assistant' })
const bergmann = await stage.seedOrganisation('Bergmann')
const petra = await stage.seedPerson({ name: 'Petra', organisation_id: bergmann })
const nils = await stage.seedPerson({
  name: 'Nils',
  organisation_id: await stage.seedOrganisation('Nordström')
})
const mine = await stage.seedProject({ name: 'Mine', client_id: bergmann })
const others = await stage.seedProject({ name: 'Others', client_id: bergmann })
await stage.seedGrant({ person_id: jonas.id, node_id: mine, level: 4 })

const cookies = new Map<string, string>()
async function as(person: { id: string }): Promise<string> {
  const cookie = cookies.get(person.id) ?? (await stage.signIn(person))
  cookies.set(person.id, cookie)
  return cookie
}
const send = async (person: { id: string }, method: string, path: string, body?: unknown) =>
  call(admin, method, path, { cookie: await as(person), body })
const read = async <T>(answer: Response | Promise<Response>) => (await (await answer).json()) as T
const make = (name: string) => read<GroupPage>(send(ingrid, 'POST', '/groups', { name }))
const add = (by: { id: string }, group: string, wish: object) =>
  send(by, 'POST', `/groups/${group}/members`, wish)
const person = (who: { id: string }, more: object = {}) => ({ kind: 'person', id: who.id, ...more })
const grantTo = (group_id: string, node_id: string, level: number) =>
  stage.owner.query('insert into access_grant (group_id, node_id, level) values ($1, $2, $3)', [
    group_id,
    node_id,
    level
  ])
const levelOf = async (who: { id: string }, thing: string, at = new Date()) => {
  const { rows } = await stage.owner.query<{ level: number }>(
    'select level from access_levels(array[$1]::uuid[], array[$2]::uuid[], $3)',
    [who.id, thing, at]
  )
  return rows[0]?.level
}

describe('groups', () => {
  test('are for the staff: a client finds none, an assistant looks', async () => {
    const group = await make('Readers')
    for (const [method, path, body] of [
      ['GET', '/groups'],
      ['GET', `/groups/${group.id}`],
      ['POST', '/groups', { name: 'Mine' }],
      ['POST', `/groups/${group.id}/members`, person(petra)],
      ['DELETE', `/groups/${group.id}`]
    ] as const)
      assert.equal((await send(petra, method, path, body)).status, 404, `${method} ${path}`)
    assert.equal((await send(anna, 'GET', `/groups/${group.id}`)).status, 200)
    assert.equal((await add(anna, group.id, person(petra))).status, 403)
    assert.equal((await send(ingrid, 'GET', `/groups/${crypto.randomUUID()}`)).status, 404)
  })

  test('hold people of several clients, each for a window', async () => {
    const group = await make('Payroll')
    await grantTo(group.id, others, 2)
    const valid_until = new Date(Date.now() + 3_600_000).toISOString()
    await add(ingrid, group.id, person(petra, { valid_until }))
    const page = await read<GroupPage>(add(ingrid, group.id, person(nils)))
    assert.deepEqual(
      page.members.map((one) => [one.name, one.organisations, one.valid_until]),
      [
        ['Nils', ['Nordström'], null],
        ['Petra', ['Bergmann'], valid_until]
      ]
    )
    assert.deepEqual([await levelOf(petra, others), await levelOf(nils, others)], [2, 2])
    assert.equal(await levelOf(petra, others, new Date(Date.parse(valid_until))), 0)
    const wrong = { valid_from: valid_until, valid_until: new Date().toISOString() }
    assert.equal((await add(ingrid, group.id, person(petra, wrong))).status, 422)
  })

  test('stand in another once; the database refuses more', async () => {
    const [outer, inner, third] = [await make('Outer'), await make('Inner'), await make('Third')]
    await grantTo(outer.id, others, 1)
    const kim = await stage.seedPerson({ name: 'Kim' })
    await add(ingrid, inner.id, person(kim))
    assert.equal((await add(ingrid, outer.id, { kind: 'group', id: inner.id })).status, 201)
    assert.equal(await levelOf(kim, others), 1)
    assert.equal((await add(ingrid, inner.id, { kind: 'group', id: third.id })).status, 409)
    assert.equal((await add(ingrid, inner.id, { kind: 'group', id: inner.id })).status, 422)
    assert.equal((await add(ingrid, inner.id, { kind: 'group', id: crypto.randomUUID() })).status, 422)
    const shown = await read<GroupPage>(send(ingrid, 'GET', `/groups/${inner.id}`))
    assert.deepEqual(
      shown.within.map((one) => one.name),
      ['Outer']
    )
  })

  test('show before somebody comes in what they and those behind them gain, by the rule, and change nothing by showing', async () => {
    const [outer, group] = [await make('Around'), await make('Inside')]
    await add(ingrid, outer.id, { kind: 'group', id: group.id })
    await grantTo(outer.id, mine, 3)
    const kim = await stage.seedPerson({ name: 'Kim' })
    const employee = await stage.seedPerson({ name: 'Emma' })
    await stage.owner.query('update person set capped_by = $2 where id = $1', [employee.id, kim.id])
    await stage.seedGrant({ person_id: employee.id, node_id: mine, level: 2 })
    const path = `/groups/${group.id}/members/preview`
    const seen = async (body: object) => {
      const gained = await read<AccessChange[]>(send(jonas, 'POST', path, body))
      return gained.map((one) => [one.who.name, one.thing.name, one.before, one.after])
    }
    assert.deepEqual(await seen(person(kim)), [
      ['Emma', 'Mine', null, 'download'],
      ['Kim', 'Mine', null, 'contribute']
    ])
    assert.equal(await levelOf(kim, mine), 0)
    const { members } = await read<GroupPage>(send(ingrid, 'GET', `/groups/${group.id}`))
    assert.deepEqual(members, [])
    // From a later day on it is as on that day.
    const later = { ...person(kim), valid_from: '2031-01-31T12:00:00Z' }
    assert.equal((await seen(later)).length, 2)
    await add(ingrid, group.id, person(kim))
    assert.deepEqual(await seen(person(kim)), [], 'who is in gains nothing')
  })

  test('show before a member goes what they lose, by the rule, and change nothing by showing', async () => {
    const group = await make('Tax')
    await grantTo(group.id, mine, 3)
    const kim = await stage.seedPerson({ name: 'Kim' })
    const lea = await stage.seedPerson({ name: 'Lea' })
    await stage.seedGrant({ person_id: lea.id, node_id: mine, level: 3 })
    for (const who of [kim, lea]) await add(ingrid, group.id, person(who))
    const path = `/groups/${group.id}/loss?member_id=${kim.id}`
    const lost = await read<AccessChange[]>(send(jonas, 'GET', path))
    assert.deepEqual(
      lost.map((one) => [one.who.name, one.thing.name, one.before, one.after]),
      [['Kim', 'Mine', 'contribute', null]]
    )
    assert.equal(await levelOf(kim, mine), 3)
    await send(jonas, 'DELETE', `/groups/${group.id}/members/${kim.id}`)
    assert.deepEqual([await levelOf(kim, mine), await levelOf(lea, mine)], [0, 3])
    assert.equal((await send(jonas, 'DELETE', `/groups/${group.id}/members/${kim.id}`)).status, 404)
  })

  test('given up, take what was granted to them along; the log says so', async () => {
    const group = await make('Short-lived')
    await grantTo(group.id, mine, 2)
    const kim = await stage.seedPerson({ name: 'Kim' })
    await add(ingrid, group.id, person(kim))
    assert.equal((await read<AccessChange[]>(send(ingrid, 'GET', `/groups/${group.id}/loss`))).length, 1)
    assert.equal((await send(ingrid, 'DELETE', `/groups/${group.id}`)).status, 204)
    assert.equal(await levelOf(kim, mine), 0)
    assert.equal((await send(ingrid, 'GET', `/groups/${group.id}`)).status, 404)
    const { items } = await read<{ items: Group[] }>(send(ingrid, 'GET', '/groups'))
    assert.ok(!items.some((one) => one.id === group.id))
    const { rows } = await stage.owner.query('select action from audit where subject_id = $1 order by seq', [
      group.id
    ])
    assert.deepEqual(
      rows.map((act) => act.action),
      ['group.created', 'grant.taken', 'group.ended']
    )
  })

  test('let nobody in who would open documents for themselves or give what is not theirs', async () => {
    const group = await make('Board')
    await grantTo(group.id, others, 4)
    assert.equal((await add(jonas, group.id, person(petra))).status, 403)
    assert.equal((await add(ingrid, group.id, person(ingrid))).status, 403)
    const inner = await make('Of Ingrid')
    await add(ingrid, inner.id, person(ingrid))
    assert.equal((await add(ingrid, group.id, { kind: 'group', id: inner.id })).status, 403)
    assert.equal((await add(ingrid, group.id, person(petra))).status, 201)
    assert.equal(await levelOf(ingrid, others), 0)
  })

  test('let nobody out who would open documents for themselves: something is denied to them by the group', async () => {
    const project = await stage.seedProject({ name: 'Kept from some', client_id: bergmann })
    for (const who of [ingrid, jonas])
      await stage.seedGrant({ person_id: who.id, node_id: project, level: 2 })
    const [group, inner] = [await make('Kin of the other side'), await make('Kin nearby')]
    assert.equal((await add(ingrid, group.id, person(jonas))).status, 201)
    assert.equal((await add(ingrid, group.id, person(nils))).status, 201)
    assert.equal((await add(ingrid, inner.id, person(ingrid))).status, 201)
    assert.equal((await add(ingrid, group.id, { kind: 'group', id: inner.id })).status, 201)
    const { rows } = await stage.owner.query<{ id: string }>(
      `insert into node (kind, parent_id, name) values ('folder', $1, 'Feud') returning id`,
      [project]
    )
    const folder = rows[0]?.id ?? ''
    await stage.owner.query(
      'insert into access_grant (group_id, node_id, level, allows) values ($1, $2, 1, false)',
      [group.id, folder]
    )
    const leave = (by: { id: string }, from: string, who: string) =>
      send(by, 'DELETE', `/groups/${from}/members/${who}`)
    assert.equal((await leave(jonas, group.id, jonas.id)).status, 403, 'staff, out of the group')
    assert.equal((await leave(ingrid, group.id, inner.id)).status, 403, 'her group, out of the group')
    assert.equal((await leave(ingrid, inner.id, ingrid.id)).status, 403, 'she, out of her group')
    for (const id of [group.id, inner.id])
      assert.equal((await send(ingrid, 'DELETE', `/groups/${id}`)).status, 403, 'nor is it given up')
    const away = { valid_from: '2100-01-01T00:00:00Z' }
    assert.equal((await add(ingrid, inner.id, person(ingrid, away))).status, 403, 'nor put off')
    assert.deepEqual([await levelOf(ingrid, folder), await levelOf(jonas, folder)], [0, 0])
    assert.equal((await leave(ingrid, group.id, nils.id)).status, 200, 'others she may let out')
  })
})
