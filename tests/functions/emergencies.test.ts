import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { z } from 'zod'
import type { Activity } from '../../functions/_shared/contract/activity.ts'
import type { Emergencies } from '../../functions/_shared/contract/emergency.ts'
import type { GrantPage } from '../../functions/_shared/contract/access.ts'
import { planEmergency } from '../../functions/_shared/rules/emergency.ts'
import { setDocumentsStage } from '../support/documents.ts'
import { call, problemCode } from '../support/functions.ts'

const stage = await setDocumentsStage()
const admin = await stage.handler('admin')
const audit = await stage.handler('audit')
const auth = await stage.handler('auth')
const { signJobToken } = await import('../../functions/_shared/auth/job-token.ts')
const { secretKey } = await import('../../functions/_shared/config.ts')

const seed = (name: string, staff_role: 'administrator' | 'staff' | null = 'administrator') =>
  stage.seedPerson({ name, staff_role, password_hash: 'set' })
const ingrid = await seed('Ingrid')
const jonas = await seed('Jonas', 'staff')
const bergmann = await stage.seedOrganisation('Bergmann')
const nord = await stage.seedOrganisation('Nord')
const divorce = await stage.seedProject({ name: 'Scheidung  Müller', client_id: bergmann })
const other = await stage.seedProject({ name: 'Other', client_id: nord })
for (const node_id of [divorce, other]) await stage.seedGrant({ person_id: jonas.id, node_id, level: 4 })
const { rows } = await stage.owner.query<{ id: string }>(
  `insert into document (folder_id, name) values ($1, 'Vergleich.pdf') returning id`,
  [divorce]
)
const document = rows[0]?.id ?? ''

// The stage brings an administrator of its own.
await stage.owner.query(
  `update person set staff_role = 'staff' where staff_role = 'administrator' and id <> $1`,
  [ingrid.id]
)

const cookies = new Map<string, string>()
async function send(person: { id: string }, method: string, path: string, body?: unknown, handler = admin) {
  const cookie = cookies.get(person.id) ?? (await stage.signIn(person))
  cookies.set(person.id, cookie)
  return call(handler, method, path, { cookie, body })
}
type List = z.infer<typeof Emergencies>
const list = async (answer: Response | Promise<Response>) => {
  const found = await answer
  assert.ok(found.ok, await found.clone().text())
  return (await found.json()) as List
}
const wish = (more: object) => ({ level: 'view', reason: 'Jonas liegt im Krankenhaus', ...more })
const byName = wish({ client_id: bergmann, name: 'scheidung müller' })
const levelOf = async (person: { id: string }, thing: string, at = 'now()') =>
  (
    await stage.owner.query<{ level: number }>(
      `select level from access_levels(array[$1]::uuid[], array[$2]::uuid[], ${at})`,
      [person.id, thing]
    )
  ).rows[0]?.level

let maria: { id: string }

test('without a second administrator nothing opens', async () => {
  const answer = await send(ingrid, 'POST', '/emergencies', byName)
  assert.deepEqual([answer.status, await problemCode(answer)], [409, 'no_second_administrator'])
  assert.equal((await list(send(ingrid, 'GET', '/emergencies'))).possible, false)
  assert.equal(await levelOf(ingrid, divorce), 0)
  maria = await seed('Maria')
})

test('only administrators; a factor is asked for again; a reason is given; never the right to manage', async () => {
  assert.equal((await send(jonas, 'POST', '/emergencies', byName)).status, 403)
  assert.equal((await send(jonas, 'GET', '/emergencies')).status, 403)
  for (const wrong of [{ reason: 'kurz' }, { reason: undefined }, { level: 'manage' }, { thing_id: divorce }])
    assert.equal((await send(ingrid, 'POST', '/emergencies', { ...byName, ...wrong })).status, 422)
  await stage.owner.query(`update session set proved_at = now() - interval '1 hour' where person_id = $1`, [
    ingrid.id
  ])
  assert.equal(await problemCode(await send(ingrid, 'POST', '/emergencies', byName)), 'proof_needed')
  await stage.owner.query('update session set proved_at = now() where person_id = $1', [ingrid.id])
  await stage.owner.query('delete from rate_limit')
})

test('a name that is not exact, another client and an id that does not exist find nothing', async () => {
  for (const wrong of [{ name: 'Scheidung' }, { client_id: nord }, { client_id: null }, { name: '%' }]) {
    const answer = await send(ingrid, 'POST', '/emergencies', { ...byName, ...wrong })
    const body = (await answer.json()) as { errors?: { field: string; code: string }[] }
    assert.deepEqual(
      [answer.status, body.errors?.[0]?.field, body.errors?.[0]?.code],
      [422, 'name', 'unknown']
    )
  }
  const unknown = wish({ thing_id: crypto.randomUUID() })
  assert.equal((await send(ingrid, 'POST', '/emergencies', unknown)).status, 404)
  await stage.owner.query('delete from rate_limit')
})

let id = ''

test('a project opens for four hours; the others are told by mail and inbox, and who manages it sees it', async () => {
  const opened = await list(send(ingrid, 'POST', '/emergencies', byName))
  const [mine] = opened.items
  id = mine?.id ?? ''
  assert.deepEqual(
    [mine?.own, mine?.thing.name, mine?.client?.name, mine?.level],
    [true, 'Scheidung  Müller', 'Bergmann', 'view']
  )
  assert.equal(await levelOf(ingrid, divorce), 1)
  assert.equal(await levelOf(ingrid, document), 1)
  assert.equal(await levelOf(ingrid, divorce, `now() + interval '3 hours 59 minutes'`), 1)
  assert.equal(await levelOf(ingrid, divorce, `now() + interval '4 hours'`), 0)

  const { rows: mails } = await stage.owner.query<{ data: { person_id: string; template: string } }>(
    `select data from job where kind = 'notify'`
  )
  assert.deepEqual(
    mails.map((one) => [one.data.template, one.data.person_id]),
    [['emergency', maria.id]]
  )
  assert.doesNotMatch(JSON.stringify(mails), /Krankenhaus|Müller|Ingrid/)

  // Who is told sees who, whose and why, and not what it is called.
  const [told] = (await list(send(maria, 'GET', '/emergencies'))).items
  assert.deepEqual(
    [told?.person.name, told?.own, told?.unread, told?.thing.name, told?.client?.name, told?.reason],
    ['Ingrid', false, true, null, 'Bergmann', 'Jonas liegt im Krankenhaus']
  )
  const unread = async () =>
    ((await (await send(maria, 'GET', '/notices/unread', undefined, auth)).json()) as { unread: number })
      .unread
  assert.equal(await unread(), 1)
  await list(send(maria, 'POST', '/emergencies/read', {}))
  assert.equal(await unread(), 0)

  const acts = async (person: { id: string }) => {
    const answer = await send(person, 'GET', `/activity?project_id=${divorce}`, undefined, audit)
    return ((await answer.json()) as { items: Activity[] }).items.filter((one) =>
      one.action.startsWith('emergency')
    )
  }
  const [act] = await acts(jonas)
  assert.deepEqual([act?.action, act?.actor?.name, act?.facts.level], ['emergency.opened', 'Ingrid', 'view'])
  assert.doesNotMatch(JSON.stringify(act), /Krankenhaus/)
  const client = await stage.seedPerson({ name: 'Petra', organisation_id: bergmann })
  await stage.seedGrant({ organisation_id: bergmann, node_id: divorce, level: 3 })
  assert.deepEqual(await acts(client), [])

  const grants = ((await (await send(jonas, 'GET', `/things/${divorce}/grants`)).json()) as GrantPage).items
  assert.deepEqual(
    grants.filter((one) => one.emergency).map((one) => [one.principal.name, one.note]),
    [['Ingrid', 'Jonas liegt im Krankenhaus']]
  )
  assert.equal(await problemCode(await send(ingrid, 'POST', '/emergencies', byName)), 'conflict')
})

test('it ends early by a colleague, once, and is shown as ended', async () => {
  const ended = await list(send(maria, 'POST', `/emergencies/${id}/end`))
  assert.notEqual(ended.items[0]?.ended_at, null)
  assert.equal(await levelOf(ingrid, divorce), 0)
  assert.equal((await send(ingrid, 'POST', `/emergencies/${id}/end`)).status, 404)
  assert.equal((await send(maria, 'POST', `/emergencies/${crypto.randomUUID()}/end`)).status, 404)
})

test('a document opens by its address, alone; whoever manages it takes the grant away and it is over', async () => {
  const opened = await list(
    send(ingrid, 'POST', '/emergencies', wish({ thing_id: document, level: 'download' }))
  )
  assert.deepEqual([opened.items[0]?.thing.kind, opened.items[0]?.thing.name], ['document', 'Vergleich.pdf'])
  assert.deepEqual([await levelOf(ingrid, document), await levelOf(ingrid, divorce)], [2, 0])
  const grants = ((await (await send(jonas, 'GET', `/things/${document}/grants`)).json()) as GrantPage).items
  const grant = grants.find((one) => one.emergency)
  assert.equal((await send(jonas, 'DELETE', `/grants/${grant?.id}`)).status, 204)
  const [after] = (await list(send(ingrid, 'GET', '/emergencies'))).items
  assert.deepEqual([after?.thing.name, after?.ended_at === null], [null, false])
})

test('walls, exclusions and locks stand: nothing is opened, written or told', async () => {
  await stage.owner.query(`update node set walls = true where kind = 'firm'`)
  const told = async () =>
    (await stage.owner.query<{ n: number }>(`select count(*)::int as n from emergency`)).rows[0]?.n
  const before = await told()
  assert.equal(await problemCode(await send(ingrid, 'POST', '/emergencies', byName)), 'barred')
  await stage.owner.query(`update node set walls = false where kind = 'firm'`)
  await stage.owner.query(
    `insert into access_lock (node_id, hides, valid_from) values ($1, true, '-infinity')`,
    [divorce]
  )
  assert.equal(await problemCode(await send(ingrid, 'POST', '/emergencies', byName)), 'barred')
  await stage.owner.query('delete from access_lock')
  await stage.owner.query(`insert into exclusion (person_id, client_id, reason) values ($1, $2, 'kin')`, [
    ingrid.id,
    nord
  ])
  // Of a client that is kept from her there is nothing, as of one that does not exist.
  assert.equal((await send(ingrid, 'POST', '/emergencies', wish({ thing_id: other }))).status, 404)
  assert.equal(
    (await send(ingrid, 'POST', '/emergencies', wish({ client_id: nord, name: 'Other' }))).status,
    422
  )
  assert.equal(await told(), before)
})

test('ten an hour are enough', async () => {
  await stage.owner.query('delete from rate_limit')
  for (let n = 0; n < 10; n += 1)
    await send(ingrid, 'POST', '/emergencies', wish({ client_id: null, name: `Guess ${n}` }))
  assert.equal((await send(ingrid, 'POST', '/emergencies', byName)).status, 429)
})

test('the rule: four hours, nobody alone, nothing that is held already', () => {
  const now = new Date('2026-11-28T10:00:00Z')
  assert.deepEqual(planEmergency({ others: 1, held: 'view', asked: 'download' }, now), {
    until: '2026-11-28T14:00:00.000Z'
  })
  assert.deepEqual(planEmergency({ others: 1, held: 'manage', asked: 'view' }, now), { refused: 'conflict' })
  assert.deepEqual(planEmergency({ others: 0, held: null, asked: 'view' }, now), {
    refused: 'no_second_administrator'
  })
})

test('when its time is over the log says that it ended by itself, once, and only of what nobody ended before', async () => {
  const third = await stage.seedProject({ name: 'Erbe', client_id: bergmann })
  await stage.seedGrant({ person_id: jonas.id, node_id: third, level: 4 })
  const clock = await stage.handler('clock')
  const tick = async () => {
    const token = await signJobToken(secretKey('job-signing-key'), 'clock', 'a job', 30)
    const headers = { authorization: `Bearer ${token}` }
    const body = JSON.stringify({ act: 'emergencies' })
    const answer = await clock.fetch(new Request('http://clock/', { method: 'POST', headers, body }))
    assert.equal(answer.status, 200, await answer.clone().text())
  }
  const ends = async () =>
    (
      await stage.owner.query<{ actor: string | null; subject: string; by_itself: boolean | null }>(
        `select actor_id as actor, subject_id as subject,
                (convert_from(body, 'UTF8')::jsonb->'facts'->>'by_itself')::boolean as by_itself
           from audit where action = 'emergency.ended' and project_id = $1 order by seq`,
        [third]
      )
    ).rows
  const pass = () =>
    stage.owner.query(
      `update emergency set begun_at = begun_at - interval '4 hours', valid_until = valid_until - interval '4 hours'
        where project_id = $1 and not end_noted`,
      [third]
    )
  const open = () => list(send(ingrid, 'POST', '/emergencies', wish({ thing_id: third })))
  await stage.owner.query('delete from rate_limit')

  await open()
  await tick()
  assert.deepEqual(await ends(), [], 'it is still open')
  await pass()
  await stage.owner.query(`update access_grant set valid_until = now() where person_id = $1`, [ingrid.id])
  await tick()
  await tick()
  const over = { actor: null, subject: ingrid.id, by_itself: true }
  assert.deepEqual(await ends(), [over])
  const answer = await send(jonas, 'GET', `/activity?project_id=${third}`, undefined, audit)
  const { items } = (await answer.json()) as { items: Activity[] }
  const [act] = items.filter((one) => one.action === 'emergency.ended')
  assert.deepEqual([act?.actor, act?.subject?.name, act?.facts.by_itself], [null, 'Ingrid', true])

  const again = await open()
  await list(send(maria, 'POST', `/emergencies/${again.items[0]?.id}/end`))
  await pass()
  await tick()
  assert.deepEqual(await ends(), [over, { actor: maria.id, subject: ingrid.id, by_itself: null }])
})
