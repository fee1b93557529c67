/** Somebody who has lost every factor is let in by an administrator with a code that is said over another channel. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Account, MadeWayIn } from '../../functions/_shared/contract/account.ts'
import { call, cookieOf, problemCode, setStage } from '../support/functions.ts'

const stage = await setStage()
const auth = await stage.handler('auth')
const admin = await stage.handler('admin')
const { hashPassword } = await import('../../functions/_shared/auth/password.ts')
const { makeRecoveryCodes } = await import('../../functions/auth/recovery.ts')

const PASSWORD = 'ein Pferd frisst Gurkensalat'
const hash = await hashPassword(PASSWORD)
const ingrid = await stage.seedPerson({ name: 'Ingrid', staff_role: 'administrator' })
const birgit = await stage.seedPerson({ name: 'Birgit', staff_role: 'administrator' })
const jonas = await stage.seedPerson({ name: 'Jonas', staff_role: 'staff' })
const [cookie, birgits] = [await stage.signIn(ingrid), await stage.signIn(birgit)]
const four_eyes = (on: boolean) => stage.owner.query('update firm set way_in_four_eyes = $1', [on])

/** Somebody whose app is lost, with a session elsewhere, a passkey and recovery codes. */
async function lockedOut() {
  const person = await stage.seedPerson({ password_hash: hash })
  await stage.owner.query(
    `update person set totp_secret = 'lost', totp_confirmed_at = now(), password_alone = true where id = $1`,
    [person.id]
  )
  await stage.owner.query(
    `insert into passkey (person_id, credential_id, public_key, counter, transports, name)
     values ($1, $2, '\\x00', 0, '{}', 'Lost')`,
    [person.id, person.id]
  )
  const client = await stage.owner.connect()
  await makeRecoveryCodes(client, person.id)
  client.release()
  return { ...person, elsewhere: await stage.signIn(person) }
}
const half = (person: { id: string }) => stage.signIn(person, 1)
const make = (id: string, as = cookie) => call(admin, 'POST', `/people/${id}/way-in`, { cookie: as })
const made = async (id: string) => (await (await make(id)).json()) as MadeWayIn
const confirm = (id: string, as: string) =>
  call(admin, 'POST', `/people/${id}/way-in/confirm`, { cookie: as })
const withdraw = (id: string) => call(admin, 'DELETE', `/people/${id}/way-in`, { cookie })
const show = (as: string, code: string) =>
  call(auth, 'POST', '/second-factor/recovery', { cookie: as, body: { code } })
const account = async (id: string, as = cookie) =>
  (await (await call(admin, 'GET', `/people/${id}`, { cookie: as })).json()) as Account
const actsOf = async (id: string) =>
  (
    await stage.owner.query<{ action: string; actor_id: string }>(
      `select action, actor_id from audit where subject_id = $1 and action like 'way_in.%' order by seq`,
      [id]
    )
  ).rows
const mailsTo = async (id: string) =>
  (
    await stage.owner.query<{ template: string }>(
      `select data->>'template' as template from job where kind = 'notify' and data->>'person_id' = $1 order by created_at`,
      [id]
    )
  ).rows.map((one) => one.template)

describe('a way in', () => {
  test('is a code of twelve letters, seen once; it opens once beside the password, ends all factors and sessions, and a new factor is due', async () => {
    const petra = await lockedOut()
    const { code, waits, expires_at } = await made(petra.id)
    assert.match(code, /^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/)
    assert.equal(waits, false)
    assert.ok(Math.abs(Date.parse(expires_at) - Date.now() - 3_600_000) < 60_000)
    const kept = await stage.owner.query('select * from way_in where person_id = $1', [petra.id])
    assert.ok(!JSON.stringify(kept.rows).includes(code))
    assert.equal((await account(petra.id)).way_in?.made_by.name, 'Ingrid')
    // Until it is used nothing changes.
    assert.equal((await call(auth, 'GET', '/sessions', { cookie: petra.elsewhere })).status, 200)

    const answer = await show(await half(petra), code.toLowerCase().replaceAll('-', ' '))
    assert.deepEqual(await answer.json(), { next: 'set_up_second_factor', left: null })
    assert.equal((await call(auth, 'GET', '/session', { cookie: petra.elsewhere })).status, 401)
    const mine = cookieOf(answer) ?? ''
    assert.equal(
      await problemCode(await call(auth, 'GET', '/sessions', { cookie: mine })),
      'second_factor_owed'
    )
    assert.equal((await call(auth, 'POST', '/second-factor/set-up', { cookie: mine })).status, 200)
    const { rows } = await stage.owner.query(
      `select (select count(*)::int from passkey where person_id = $1) as passkeys,
              (select count(*)::int from recovery_code where person_id = $1) as codes,
              (select totp_confirmed_at from person where id = $1) as app`,
      [petra.id]
    )
    assert.deepEqual(rows[0], { passkeys: 0, codes: 0, app: null })
    assert.equal(await problemCode(await show(await half(petra), code)), 'code_failed')
    assert.deepEqual(await actsOf(petra.id), [
      { action: 'way_in.made', actor_id: ingrid.id },
      { action: 'way_in.used', actor_id: petra.id }
    ])
    assert.deepEqual(await mailsTo(petra.id), ['way_in', 'way_in_used'])
    assert.equal((await account(petra.id)).way_in, null)
  })

  test('of fifty who show it at once, one comes in', async () => {
    const petra = await lockedOut()
    const { code } = await made(petra.id)
    const halves = await Promise.all(Array.from({ length: 50 }, () => half(petra)))
    const answers: Response[] = []
    for (let i = 0; i < halves.length; i += 5) {
      // The limit would stop most of them before the row's lock does.
      await stage.owner.query('delete from rate_limit')
      answers.push(...(await Promise.all(halves.slice(i, i + 5).map((one) => show(one, code)))))
    }
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
  })

  test('ends after an hour, when it is withdrawn, and when a new one is made', async () => {
    const petra = await lockedOut()
    const first = await made(petra.id)
    const second = await made(petra.id)
    assert.equal(await problemCode(await show(await half(petra), first.code)), 'code_failed')
    assert.equal((await withdraw(petra.id)).status, 204)
    assert.equal((await withdraw(petra.id)).status, 404)
    assert.equal(await problemCode(await show(await half(petra), second.code)), 'code_failed')
    const third = await made(petra.id)
    await stage.owner.query(
      `update way_in set expires_at = now() - interval '1 second' where used_at is null`
    )
    assert.equal(await problemCode(await show(await half(petra), third.code)), 'code_failed')
    assert.equal((await account(petra.id)).way_in, null)
  })

  test('is worth nothing without the password, and nothing for somebody else', async () => {
    const [petra, tobias] = [await lockedOut(), await lockedOut()]
    const { code } = await made(petra.id)
    assert.equal((await show('portico=nobody', code)).status, 401)
    assert.equal(await problemCode(await show(await half(tobias), code)), 'code_failed')
    assert.equal((await show(await half(petra), code)).status, 200)
  })

  test('five wrong ones are enough', async () => {
    const petra = await lockedOut()
    await made(petra.id)
    const mine = await half(petra)
    const said: string[] = []
    for (let i = 0; i < 6; i += 1) said.push(await problemCode(await show(mine, `AAAA-BBBB-CCC${i}`)))
    assert.deepEqual(said, [...Array<string>(5).fill('code_failed'), 'too_many_attempts'])
  })

  test('is given by administrators, to others, who have joined and are active', async () => {
    const petra = await lockedOut()
    assert.equal((await make(petra.id, await stage.signIn(jonas))).status, 403)
    assert.equal((await make(jonas.id, await stage.signIn(petra))).status, 404)
    assert.equal((await make(crypto.randomUUID())).status, 404)
    const invited = await stage.seedPerson({ password_hash: null })
    const locked = await stage.seedPerson()
    await call(admin, 'PATCH', `/people/${locked.id}`, { cookie, body: { active: false } })
    for (const { id } of [ingrid, invited, locked])
      assert.equal(await problemCode(await make(id)), 'conflict')
  })

  test('goes with the account that is locked, and with the administrator who made it', async () => {
    const [petra, tobias] = [await lockedOut(), await lockedOut()]
    const boss = await stage.seedPerson({ staff_role: 'administrator' })
    const theirs = await stage.signIn(boss)
    const { code } = (await (await make(petra.id, theirs)).json()) as MadeWayIn
    await make(tobias.id)
    await call(admin, 'PATCH', `/people/${tobias.id}`, { cookie, body: { active: false } })
    await call(admin, 'PATCH', `/people/${boss.id}`, { cookie, body: { staff_role: 'staff' } })
    assert.equal(await problemCode(await show(await half(petra), code)), 'code_failed')
    const living = await stage.owner.query(
      'select from way_in where person_id = any($1) and withdrawn_at is null',
      [[petra.id, tobias.id]]
    )
    assert.equal(living.rowCount, 0)
  })
})

describe('with four eyes', () => {
  test('the code opens nothing before another administrator has confirmed it, who is told by mail', async () => {
    await four_eyes(true)
    const petra = await lockedOut()
    const { code, waits } = await made(petra.id)
    assert.equal(waits, true)
    assert.equal(await problemCode(await show(await half(petra), code)), 'code_failed')
    assert.ok((await mailsTo(birgit.id)).includes('way_in_confirm'))
    assert.equal((await mailsTo(ingrid.id)).length, 0)
    assert.equal((await account(petra.id)).way_in?.confirmable, false)
    assert.equal((await account(petra.id, birgits)).way_in?.confirmable, true)
    assert.equal(await problemCode(await confirm(petra.id, cookie)), 'conflict')
    assert.equal((await confirm(petra.id, await stage.signIn(jonas))).status, 403)
    const answer = await confirm(petra.id, birgits)
    assert.equal(((await answer.json()) as Account).way_in?.confirmed_by?.name, 'Birgit')
    assert.equal(await problemCode(await confirm(petra.id, birgits)), 'conflict')
    assert.equal((await show(await half(petra), code)).status, 200)
    assert.deepEqual(
      (await actsOf(petra.id)).map((act) => [act.action, act.actor_id]),
      [
        ['way_in.made', ingrid.id],
        ['way_in.confirmed', birgit.id],
        ['way_in.used', petra.id]
      ]
    )
    await four_eyes(false)
  })

  test('of two who confirm at once one does; nobody confirms a way in for themselves', async () => {
    await four_eyes(true)
    const petra = await lockedOut()
    await make(petra.id)
    const answers = await Promise.all([confirm(petra.id, birgits), confirm(petra.id, birgits)])
    assert.deepEqual(answers.map((one) => one.status).toSorted(), [200, 409])
    await make(birgit.id)
    assert.equal(await problemCode(await confirm(birgit.id, birgits)), 'conflict')
    // Not even by a statement by hand.
    await assert.rejects(
      stage.owner.query('update way_in set confirmed_by = made_by where person_id = $1', [birgit.id]),
      /check/
    )
    await four_eyes(false)
  })
})
