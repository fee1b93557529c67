import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Account } from '../../functions/_shared/contract/account.ts'
import { call, problemCode, setStage } from '../support/functions.ts'

const stage = await setStage()
const admin = await stage.handler('admin')
const auth = await stage.handler('auth')

const ingrid = await stage.seedPerson({ name: 'Ingrid', staff_role: 'administrator' })
const jonas = await stage.seedPerson({ name: 'Jonas', staff_role: 'staff' })
const bergmann = await stage.seedOrganisation('Bergmann')
const petra = await stage.seedPerson({ name: 'Petra', organisation_id: bergmann })
const mine = await stage.seedProject({ name: 'Mine' })
const others = await stage.seedProject({ name: 'Others' })
await stage.seedGrant({ person_id: ingrid.id, node_id: mine, level: 4 })
const cookie = await stage.signIn(ingrid)

const show = async (id: string) =>
  (await (await call(admin, 'GET', `/people/${id}`, { cookie })).json()) as Account
const change = (id: string, body: object, as = cookie) =>
  call(admin, 'PATCH', `/people/${id}`, { cookie: as, body })
const wayIn = (id: string, as: string) => call(admin, 'POST', `/people/${id}/way-in`, { cookie: as })
const isIn = async (theirs: string) =>
  (await call(auth, 'GET', '/session', { cookie: theirs })).status === 200
const actsAbout = async (id: string) =>
  (
    await stage.owner.query<{ action: string; actor_id: string }>(
      `select action, actor_id from audit
        where subject_id = $1 or (convert_from(body, 'UTF8')::jsonb->'facts'->>'person_id') = $1::text order by seq`,
      [id]
    )
  ).rows

async function addDoors(person: { id: string }) {
  const { rows } = await stage.owner.query<{ key: string; link: string }>(
    `with k as (insert into api_key (person_id, name, token_hash, scopes, expires_at)
                values ($1, 'Scanner', sha256(uuidv7()::text::bytea), '{read}', now() + interval '1 day') returning id),
          l as (insert into link (made_by, project_id, recipient, secret_hash, valid_until)
                select $1, p, 'Sparkasse', sha256(uuidv7()::text::bytea), now() + interval '1 day'
                  from unnest($2::uuid[]) p returning id)
     select k.id as key, l.id as link from k, l`,
    [person.id, [mine, others]]
  )
  return rows
}

describe('the account of somebody', () => {
  test('shows what opens doors for them; links are named where the administrator manages', async () => {
    const lena = await stage.seedPerson({ name: 'Lena', staff_role: 'staff' })
    await stage.signIn(lena)
    await addDoors(lena)
    const account = await show(lena.id)
    assert.equal(account.sessions, 1)
    assert.deepEqual(
      account.keys.map((key) => key.name),
      ['Scanner']
    )
    assert.deepEqual(
      account.links.map((link) => [link.recipient, link.project?.name]).toSorted(),
      [
        ['Sparkasse', 'Mine'],
        [null, undefined]
      ].toSorted()
    )
  })

  test('the last sign-in and the second factor are told to administrators, not to staff', async () => {
    const read = async (as: string) => {
      const { items } = (await (await call(admin, 'GET', '/people', { cookie: as })).json()) as {
        items: { id: string; second_factor: boolean | null; last_sign_in_at: string | null }[]
      }
      return items.find((one) => one.id === petra.id)
    }
    await stage.owner.query(`update person set totp_confirmed_at = now() where id = $1`, [petra.id])
    await stage.owner.query(`select audit_append(array[$1], array[null]::bytea[], array[null]::text[])`, [
      JSON.stringify({
        at: '2026-01-02T03:04:05.000Z',
        action: 'session.started',
        actor_id: petra.id,
        facts: {}
      })
    ])
    const told = await read(cookie)
    assert.deepEqual([told?.second_factor, told?.last_sign_in_at], [true, '2026-01-02T03:04:05.000Z'])
    const silent = await read(await stage.signIn(jonas))
    assert.deepEqual([silent?.second_factor, silent?.last_sign_in_at], [null, null])
  })

  test('all this is for administrators, and an unknown id is nothing', async () => {
    for (const [person, status] of [
      [jonas, 403],
      [petra, 404]
    ] as const) {
      const theirs = await stage.signIn(person)
      assert.equal((await call(admin, 'GET', `/people/${ingrid.id}`, { cookie: theirs })).status, status)
      assert.equal((await change(ingrid.id, { active: false }, theirs)).status, status)
      assert.equal((await wayIn(ingrid.id, theirs)).status, status)
    }
    assert.equal((await change(crypto.randomUUID(), { active: false })).status, 404)
    assert.equal((await change(jonas.id, {})).status, 422)
  })
})

describe('a locked account', () => {
  test('is out at once: sessions, keys, links and invitations end, and each stands in the log', async () => {
    const leaver = await stage.seedPerson({ name: 'Leaver', staff_role: 'staff' })
    const theirs = await stage.signIn(leaver)
    await addDoors(leaver)
    assert.ok(await isIn(theirs))
    const answer = await change(leaver.id, { active: false })
    const account = (await answer.json()) as Account
    assert.deepEqual([account.active, account.sessions, account.keys, account.links], [false, 0, [], []])
    assert.equal(await isIn(theirs), false)
    const acts = (await actsAbout(leaver.id)).map((act) => act.action)
    assert.deepEqual(acts.toSorted(), ['key.revoked', 'person.deactivated', 'session.ended'])
    const links = await stage.owner.query(
      `select from audit a join link l on l.id = a.subject_id where a.action = 'link.revoked' and l.made_by = $1`,
      [leaver.id]
    )
    assert.equal(links.rowCount, 2)
  })

  test('opens again without its old doors; twice is once', async () => {
    const back = await stage.seedPerson({ name: 'Back', staff_role: 'assistant' })
    await addDoors(back)
    for (const active of [false, false, true, true])
      assert.equal((await change(back.id, { active })).status, 200)
    const account = await show(back.id)
    assert.deepEqual([account.active, account.keys, account.links], [true, [], []])
    const about = (await actsAbout(back.id)).filter((act) => act.action.startsWith('person.'))
    assert.deepEqual(
      about.map((act) => [act.action, act.actor_id]),
      [
        ['person.deactivated', ingrid.id],
        ['person.reactivated', ingrid.id]
      ]
    )
  })

  test("is never one's own", async () => {
    assert.equal(await problemCode(await change(ingrid.id, { active: false })), 'conflict')
    assert.ok(await isIn(cookie))
  })
})

describe('roles', () => {
  test('change within the firm, at once, and a client gets none', async () => {
    assert.equal((await change(jonas.id, { staff_role: 'administrator' })).status, 200)
    const theirs = await stage.signIn(jonas)
    assert.equal((await call(admin, 'GET', `/people/${petra.id}`, { cookie: theirs })).status, 200)
    assert.equal((await change(jonas.id, { staff_role: 'staff' })).status, 200)
    assert.equal((await call(admin, 'GET', `/people/${petra.id}`, { cookie: theirs })).status, 403)
    assert.equal(await problemCode(await change(petra.id, { staff_role: 'staff' })), 'conflict')
  })

  test('that allow more end every session of before, half ones too; that allow less end none', async () => {
    const lena = await stage.seedPerson({ name: 'Lena', staff_role: 'assistant' })
    const steps = [
      ['staff', false],
      ['assistant', true],
      ['auditor', false],
      ['staff', false],
      ['administrator', false],
      ['auditor', true]
    ] as const
    for (const [staff_role, stays] of steps) {
      const [whole, half] = [await stage.signIn(lena), await stage.signIn(lena, 1)]
      assert.equal((await change(lena.id, { staff_role })).status, 200)
      assert.deepEqual([await isIn(whole), await isIn(half)], [stays, stays], staff_role)
      await stage.owner.query('delete from session where person_id = $1', [lena.id])
    }
    const ended = (await actsAbout(lena.id)).filter((act) => act.action === 'session.ended')
    assert.deepEqual(
      ended.map((act) => act.actor_id),
      Array<string>(8).fill(ingrid.id)
    )
  })

  test('the last administrator stays one', async () => {
    const answer = await change(ingrid.id, { staff_role: 'staff' })
    assert.equal(await problemCode(answer), 'last_administrator')
    assert.equal((await show(ingrid.id)).staff_role, 'administrator')
  })

  test('of two administrators who take each other out at once, one remains', async () => {
    const changes = [{ staff_role: 'staff' }, { active: false }] as const
    for (let round = 0; round < 6; round += 1) {
      const other = await stage.seedPerson({ name: `Other ${round}`, staff_role: 'administrator' })
      const theirs = await stage.signIn(other)
      const wish = changes[round % 2] ?? {}
      const answers = await Promise.all([change(other.id, wish), change(ingrid.id, wish, theirs)])
      assert.equal(answers.filter((answer) => answer.status === 200).length, 1, `round ${round}`)
      const { rows } = await stage.owner.query(
        `select count(*)::int as n from person where staff_role = 'administrator' and valid_until > now()`
      )
      assert.equal(rows[0].n, 1)
      await stage.owner.query(
        `update person set staff_role = 'administrator', valid_until = 'infinity' where id = $1`,
        [ingrid.id]
      )
      await stage.owner.query(`update person set staff_role = 'staff' where id = $1`, [other.id])
      await stage.owner.query(
        `insert into session (token_hash, person_id, factors, expires_at)
         values (sha256($1::bytea), $2, 2, now() + interval '1 day') on conflict do nothing`,
        [cookie.split('=')[1], ingrid.id]
      )
    }
  })

  test('not even a statement by hand takes the last administrator away', async () => {
    for (const set of [`staff_role = 'auditor'`, 'valid_until = now()', 'password_hash = null'])
      await assert.rejects(stage.owner.query(`update person set ${set} where staff_role = 'administrator'`), {
        constraint: 'last_administrator'
      })
  })
})
