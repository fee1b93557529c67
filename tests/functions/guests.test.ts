/** Guests of projects, from the invitation to the end: real functions, database and store's keys. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Guest } from '../../functions/_shared/contract/guest.ts'
import { call, problemCode, setStage } from '../support/functions.ts'

// The clock is given a key that it needs not use here.
const key = {
  endpoint: 'http://127.0.0.1:9',
  region: 'us-east-1',
  accessKeyId: 'none',
  secretAccessKey: 'none'
}
const stage = await setStage({ secrets: { 'store-clock': JSON.stringify(key) } })
const admin = await stage.handler('admin')
const audit = await stage.handler('audit')
const clock = await stage.handler('clock')
const { signJobToken } = await import('../../functions/_shared/auth/job-token.ts')
const { secretKey } = await import('../../functions/_shared/config.ts')
const { notices } = await import('../../functions/_shared/pipeline/notices.ts')
const { openDatabase } = await import('../../functions/_shared/db/database.ts')

const DAY = 86_400_000
const ingrid = await stage.seedPerson({ name: 'Ingrid', staff_role: 'administrator' })
const jonas = await stage.seedPerson({ name: 'Jonas', staff_role: 'staff' })
const bergmann = await stage.seedOrganisation('Bergmann')
const petra = await stage.seedPerson({ name: 'Petra', organisation_id: bergmann })
const project = await stage.seedProject({ name: 'Dispute', client_id: bergmann })
for (const person of [ingrid, jonas])
  await stage.seedGrant({ person_id: person.id, node_id: project, level: 4 })
await stage.seedGrant({ person_id: petra.id, node_id: project, level: 4 })

const cookies = new Map<string, string>()
async function as(person: { id: string }): Promise<string> {
  const cookie = cookies.get(person.id) ?? (await stage.signIn(person))
  cookies.set(person.id, cookie)
  return cookie
}
const send = async (person: { id: string }, method: string, path: string, body?: unknown) =>
  call(admin, method, path, { cookie: await as(person), body })
const inDays = (days: number) => new Date(Date.now() + days * DAY).toISOString()
let n = 0
const wish = (guest_until: string | null, more: object = {}) => ({
  ...{ email: `guest-${(n += 1)}@example.org`, name: 'Court Expert', locale: 'de' },
  ...{ project_id: project, level: 'view', guest_until },
  ...more
})
async function inviteFor(days: number): Promise<{ id: string }> {
  const body = wish(inDays(days))
  const answer = await send(jonas, 'POST', '/invitations', body)
  assert.equal(answer.status, 201, await answer.clone().text())
  const found = await stage.owner.query<{ id: string }>('select id from person where email_key = $1', [
    body.email
  ])
  await stage.owner.query(`update person set password_hash = '$argon2id$seeded' where email_key = $1`, [
    body.email
  ])
  return { id: found.rows[0]?.id ?? '' }
}
const levelOf = async (who: { id: string }, at = new Date()) => {
  const { rows } = await stage.owner.query<{ level: number }>(
    'select level from access_levels(array[$1]::uuid[], array[$2]::uuid[], $3)',
    [who.id, project, at]
  )
  return rows[0]?.level
}
const guests = async () =>
  ((await (await send(jonas, 'GET', `/projects/${project}/guests`)).json()) as { items: Guest[] }).items
const change = (by: { id: string }, who: { id: string }, body: object) =>
  send(by, 'PATCH', `/projects/${project}/guests/${who.id}`, body)
async function look(): Promise<void> {
  const token = await signJobToken(secretKey('job-signing-key'), 'clock', 'a job', 30)
  const headers = { authorization: `Bearer ${token}` }
  const body = JSON.stringify({ act: 'guests' })
  const answer = await clock.fetch(new Request('http://clock/', { method: 'POST', headers, body }))
  assert.equal(answer.status, 200, await answer.clone().text())
}
const seedStaff = (name: string) => stage.seedPerson({ name, staff_role: 'staff', password_hash: 'set' })
/** What the log says new becomes entries of inboxes. */
async function tellNews(): Promise<void> {
  // The job and the call's answer, which this kind does not look at.
  const unread = undefined as never
  const pipeline = openDatabase(stage.database.url('portico_pipeline'), 1)
  try {
    await stage.owner.query(
      `insert into clock_mark (name, at, data) values ('notices', now(), '{"seq": 0}') on conflict (name) do nothing`
    )
    await pipeline.transaction([], (session) => notices.apply(session, unread, unread, []))
  } finally {
    await pipeline.close()
  }
}

const actsAbout = async (who: { id: string }) =>
  (
    await stage.owner.query<{ action: string }>(
      `select action from audit where subject_id = $1 and action like 'guest.%' order by seq`,
      [who.id]
    )
  ).rows.map((act) => act.action)

test('a guest has an end within what the firm allows, and a sponsor; else they are none', async () => {
  await send(ingrid, 'PATCH', '/firm', { guest_days_max: 90 })
  for (const body of [
    wish(inDays(-1)),
    wish(inDays(91)),
    wish(inDays(30), { level: 'manage' }),
    wish(inDays(30), { level: null, project_id: null }),
    wish(inDays(30), { organisation_id: bergmann })
  ])
    assert.equal((await send(ingrid, 'POST', '/invitations', body)).status, 422, JSON.stringify(body))
  const client = await send(jonas, 'POST', '/invitations', wish(inDays(30), { email: petra.email }))
  assert.equal(await problemCode(client), 'email_taken')
  const guest = await inviteFor(30)
  const [shown] = (await guests()).filter((one) => one.person.id === guest.id)
  assert.deepEqual([shown?.sponsor.name, shown?.own], ['Jonas', true])
  assert.equal((await send(petra, 'GET', `/projects/${project}/guests`)).status, 404)
})

test('behind walls an invitation says of no address that a client elsewhere has it: neither refused nor joined at once', async () => {
  const other = await stage.seedOrganisation('Nordström')
  const olof = await stage.seedPerson({ name: 'Olof', organisation_id: other, password_hash: 'set' })
  const sub = await stage.seedPerson({ name: 'Siv', password_hash: 'set' })
  await stage.owner.query('update person set capped_by = $2, employer_id = $3 where id = $1', [
    sub.id,
    olof.id,
    other
  ])
  await stage.owner.query('update person set joined_at = coalesce(joined_at, now())')
  const invite = async (email: string) => {
    const answer = await send(jonas, 'POST', '/invitations', wish(inDays(30), { email }))
    return answer.status === 201 ? 201 : problemCode(answer)
  }
  const joined = async () =>
    (await guests())
      .filter((one) => [olof.id, sub.id].includes(one.person.id))
      .map((one) => one.person.joined)
  // Without walls everybody of the firm knows all clients' people.
  assert.equal(await invite(sub.email), 'email_taken')
  await stage.owner.query(`update node set walls = true where kind = 'firm'`)
  await stage.owner.query('insert into assignment (person_id, client_id) values ($1, $2)', [
    jonas.id,
    bergmann
  ])
  assert.deepEqual([await invite(olof.email), await invite(sub.email)], [201, 201])
  assert.deepEqual(await joined(), [false, false])
  // The cap keeps the sub-account out, whatever was given.
  await stage.owner.query('delete from access_grant where person_id = $1', [olof.id])
  assert.equal(await levelOf(sub), 0)
  await stage.owner.query(`select audit_append(array[$1], array[null]::bytea[], array[null]::text[])`, [
    JSON.stringify({ at: inDays(0), action: 'session.started', actor_id: olof.id, facts: {} })
  ])
  assert.deepEqual((await joined()).toSorted(), [false, true])
  await stage.owner.query(`update node set walls = false where kind = 'firm'`)
  assert.deepEqual(await joined(), [true, true])
})

test('whatever a guest is given by name ends with their stay, whoever gives it', async () => {
  const guest = await inviteFor(30)
  assert.equal(await levelOf(guest), 1)
  const given = { thing_id: project, principal_kind: 'person', principal_id: guest.id, level: 'contribute' }
  assert.equal((await send(ingrid, 'POST', '/grants', given)).status, 201)
  assert.deepEqual([await levelOf(guest), await levelOf(guest, new Date(Date.now() + 30 * DAY))], [3, 0])
})

test('only the sponsor lets them stay longer; anybody who manages may shorten or take them over', async () => {
  const guest = await inviteFor(30)
  assert.equal((await change(ingrid, guest, { valid_until: inDays(60) })).status, 403)
  assert.equal((await change(jonas, guest, { valid_until: inDays(91) })).status, 422)
  assert.equal((await change(jonas, guest, { valid_until: inDays(60) })).status, 200)
  assert.equal(await levelOf(guest, new Date(Date.now() + 45 * DAY)), 1)
  assert.equal((await change(ingrid, guest, { take_over: true })).status, 200)
  assert.equal((await change(jonas, guest, { valid_until: inDays(80) })).status, 403)
  assert.equal((await change(jonas, guest, { valid_until: inDays(-1) })).status, 200)
  assert.equal(await levelOf(guest, new Date(Date.now() + 1000)), 0)
  assert.equal((await change(jonas, petra, { valid_until: inDays(2) })).status, 404)
})

test('the sponsor is told fourteen and three days before, once each, and the log says when it was over', async () => {
  const guest = await inviteFor(13)
  await look()
  await look()
  const shorten = (days: number) =>
    stage.owner.query('update project_guest set valid_until = $2 where person_id = $1', [
      guest.id,
      inDays(days)
    ])
  await shorten(2)
  await look()
  await look()
  await shorten(-1)
  await look()
  await look()
  assert.deepEqual(await actsAbout(guest), ['guest.invited', 'guest.ending', 'guest.ending', 'guest.ended'])
  assert.ok(!(await guests()).some((one) => one.person.id === guest.id))
  // Whoever stands in for the sponsor is told too; who may not see the client is nobody's deputy there.
  const [mats, nora] = [await seedStaff('Mats'), await seedStaff('Nora')]
  for (const deputy of [mats, nora])
    await stage.owner.query(
      `insert into deputy (absent_id, deputy_id, valid_until, named_by) values ($1, $2, now() + interval '1 day', $1)`,
      [jonas.id, deputy.id]
    )
  await stage.owner.query(`insert into exclusion (person_id, client_id, reason) values ($1, $2, 'x')`, [
    nora.id,
    bergmann
  ])
  await tellNews()
  const told = await stage.owner.query<{ person_id: string }>(
    'select person_id from notice where kind = $1',
    ['guest']
  )
  assert.deepEqual(told.rows.map((row) => row.person_id).toSorted(), [jonas.id, mats.id].toSorted())
  await stage.owner.query('update deputy set ended_at = now(), ended_by = absent_id')
})

test('who becomes a full account keeps what they hold, and their history', async () => {
  const guest = await inviteFor(20)
  assert.equal((await change(ingrid, guest, { stays: true })).status, 200)
  assert.equal(await levelOf(guest, new Date(Date.now() + 400 * DAY)), 1)
  assert.equal((await change(jonas, guest, { valid_until: inDays(5) })).status, 404)
  assert.deepEqual(await actsAbout(guest), ['guest.invited', 'guest.stayed'])
})

test('a guest reads of the activity only what concerns them', async () => {
  const guest = await inviteFor(20)
  await inviteFor(20)
  const path = `/activity?project_id=${project}`
  const answer = await call(audit, 'GET', path, { cookie: await as(guest) })
  assert.equal(answer.status, 200, await answer.clone().text())
  const { items } = (await answer.json()) as { items: { action: string; subject: { id: string } | null }[] }
  assert.deepEqual(items.map((act) => act.action).toSorted(), [
    'grant.given',
    'guest.invited',
    'person.invited'
  ])
  assert.ok(items.every((act) => act.subject?.id === guest.id))
})

test('where the sponsor left and handed nothing over, whoever of the firm manages the project is told, once, and reminded', async () => {
  const guest = await inviteFor(30)
  const clocks = async () => {
    await look()
    await tellNews()
  }
  await clocks()
  assert.deepEqual(await actsAbout(guest), ['guest.invited'])
  await stage.owner.query('update person set valid_until = now() where id = $1', [jonas.id])
  await stage.owner.query('delete from notice')
  await clocks()
  await clocks()
  assert.deepEqual(await actsAbout(guest), ['guest.invited', 'guest.without_sponsor'])
  const told = async () =>
    (await stage.owner.query<{ person_id: string }>(`select person_id from notice where kind = 'guest'`)).rows
  // Petra manages it too, but guests are the firm's business.
  assert.deepEqual(await told(), [{ person_id: ingrid.id }])

  await stage.owner.query('delete from notice')
  await stage.owner.query(
    `update project_guest set valid_until = now() + interval '2 days' where person_id = $1`,
    [guest.id]
  )
  await clocks()
  assert.equal((await actsAbout(guest)).at(-1), 'guest.ending')
  assert.deepEqual(await told(), [{ person_id: ingrid.id }])
  await send(ingrid, 'PATCH', `/projects/${project}/guests/${guest.id}`, { take_over: true })
  await clocks()
  assert.equal((await actsAbout(guest)).at(-1), 'guest.taken_over')
})
