/** By when a second factor must stand: the firm's rules, the days, and what a password alone opens until then. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { generate } from 'otplib'
import type { SessionInfo, SignInAffected, SignInRules } from '../../functions/_shared/contract/person.ts'
import { call, cookieOf, problemCode, setStage } from '../support/functions.ts'

const stage = await setStage()
const auth = await stage.handler('auth')
const admin = await stage.handler('admin')
const { hashPassword } = await import('../../functions/_shared/auth/password.ts')

const LONG = 'ein Pferd frisst Gurkensalat'
const SHORT = 'Xy7-qRt2vB'
const [longHash, shortHash] = await Promise.all([hashPassword(LONG), hashPassword(SHORT)])
const ingrid = await stage.seedPerson({ name: 'Ingrid', staff_role: 'administrator' })
const cookie = await stage.signIn(ingrid)

const THREE_DAYS: SignInRules = {
  second_factor_for: 'everybody',
  second_factor_days: 3,
  email_codes: false,
  sms_codes: false,
  way_in_four_eyes: false
}
async function ask(rules: Partial<SignInRules>): Promise<void> {
  const answer = await call(admin, 'PATCH', '/sign-in', { cookie, body: { ...THREE_DAYS, ...rules } })
  assert.equal(answer.status, 200)
}
let address = 0
const signIn = (person: { email: string }, password: string) =>
  call(auth, 'POST', '/sign-in', {
    body: { email: person.email, password },
    address: `203.0.113.${(address += 1)}`
  })
async function comesIn(person: { email: string }, password = LONG) {
  const answer = await signIn(person, password)
  const { next } = (await answer.json()) as { next: string }
  return { next, cookie: cookieOf(answer) ?? '' }
}
const info = async (as: string): Promise<SessionInfo> =>
  (await (await call(auth, 'GET', '/session', { cookie: as })).json()) as SessionInfo
const isIn = async (as: string) => (await call(auth, 'GET', '/sessions', { cookie: as })).status === 200
const somebody = (password_hash = longHash, staff_role: 'staff' | 'administrator' | null = null) =>
  stage.seedPerson({ password_hash, staff_role })
const daysAgo = (person: { id: string }, days: number) =>
  stage.owner.query(`update person set factor_days_from = now() - make_interval(days => $2) where id = $1`, [
    person.id,
    days
  ])
async function setUpApp(as: string) {
  const { secret } = (await (await call(auth, 'POST', '/second-factor/set-up', { cookie: as })).json()) as {
    secret: string
  }
  return call(auth, 'POST', '/second-factor/confirm', {
    cookie: as,
    body: { code: await generate({ secret }) }
  })
}

describe('within days', () => {
  test('a password of fifteen characters opens alone for three days from the first sign-in; the end is told', async () => {
    await ask({})
    const petra = await somebody()
    const first = await comesIn(petra)
    assert.equal(first.next, 'done')
    assert.ok(await isIn(first.cookie))
    const due = Date.parse((await info(first.cookie)).factor_due ?? '')
    assert.ok(Math.abs(due - Date.now() - 3 * 86_400_000) < 60_000)
    await daysAgo(petra, 2)
    assert.equal((await comesIn(petra)).next, 'done')
  })

  test('then nothing but the set-up opens: to new sessions and to those that are there', async () => {
    const petra = await somebody()
    const { cookie: open } = await comesIn(petra)
    await daysAgo(petra, 3)
    assert.equal(
      await problemCode(await call(auth, 'GET', '/sessions', { cookie: open })),
      'second_factor_owed'
    )
    assert.equal((await info(open)).next, 'set_up_second_factor')
    const late = await comesIn(petra)
    assert.equal(late.next, 'set_up_second_factor')
    assert.equal(await isIn(late.cookie), false)
    const confirmed = await setUpApp(late.cookie)
    assert.equal(confirmed.status, 200)
    assert.ok(await isIn(cookieOf(confirmed) ?? ''))
    // What the password alone had opened asks for the new factor.
    assert.equal((await info(open)).next, 'second_factor')
  })

  test('a shorter password opens nothing before a second factor stands', async () => {
    const petra = await somebody(shortHash)
    const { next, cookie: half } = await comesIn(petra, SHORT)
    assert.equal(next, 'set_up_second_factor')
    assert.equal(await isIn(half), false)
    assert.ok(await isIn(cookieOf(await setUpApp(half)) ?? ''))
  })

  test('whoever sets one up within the days shows the password again first, and the sessions before it are worth nothing', async () => {
    const petra = await somebody()
    const { cookie: open } = await comesIn(petra)
    const { cookie: other } = await comesIn(petra)
    await stage.owner.query(
      `update session set proved_at = now() - interval '16 minutes' where person_id = $1`,
      [petra.id]
    )
    const refused = await call(auth, 'POST', '/second-factor/set-up', { cookie: open })
    assert.equal(await problemCode(refused), 'proof_needed')
    const proved = await call(auth, 'POST', '/prove', { cookie: open, body: { password: LONG } })
    const confirmed = await setUpApp(cookieOf(proved) ?? '')
    assert.equal(confirmed.status, 200)
    assert.equal((await info(cookieOf(confirmed) ?? '')).factor_due, null)
    assert.equal((await info(other)).next, 'second_factor')
    assert.equal(
      await problemCode(await call(auth, 'POST', '/second-factor/set-up', { cookie: other })),
      'conflict'
    )
  })

  test('an API key made in the days opens nothing once they are over, until a factor stands', async () => {
    const lena = await somebody(longHash, 'staff')
    const { cookie: open } = await comesIn(lena)
    const made = await call(admin, 'POST', '/keys', {
      cookie: open,
      body: { name: 'Scanner', scopes: ['read', 'write'], days: 1 }
    })
    const { token } = (await made.json()) as { token: string }
    const { callerByKey } = await import('../../functions/_shared/auth/api-key.ts')
    const { openDatabase } = await import('../../functions/_shared/db/database.ts')
    const database = openDatabase(stage.database.url('portico_app'))
    const context = { req: { method: 'GET', path: '/documents/projects' } }
    const opens = () =>
      callerByKey(context as never, database, token, 'documents', '203.0.113.250').then(
        () => true,
        (error: { code?: string }) => error.code !== 'not_signed_in'
      )
    assert.equal(await opens(), true)
    await daysAgo(lena, 4)
    assert.equal(await opens(), false)
    await database.close()
  })

  test('half in, by the password of somebody who has a factor, nobody sets up another', async () => {
    const petra = await somebody()
    await setUpApp((await comesIn(petra)).cookie)
    const { next, cookie: half } = await comesIn(petra)
    assert.equal(next, 'second_factor')
    assert.equal((await call(auth, 'POST', '/second-factor/set-up', { cookie: half })).status, 409)
  })
})

describe("the firm's rules", () => {
  test('at once, staff only, nobody; administrators always', async () => {
    const people = { client: await somebody(), staff: await somebody(longHash, 'staff') }
    const boss = await somebody(longHash, 'administrator')
    const nexts = async () => ({
      client: (await comesIn(people.client)).next,
      staff: (await comesIn(people.staff)).next,
      boss: (await comesIn(boss)).next
    })
    const owes = 'set_up_second_factor'
    await ask({ second_factor_days: 0 })
    assert.deepEqual(await nexts(), { client: owes, staff: owes, boss: owes })
    await ask({ second_factor_for: 'staff', second_factor_days: 0 })
    assert.deepEqual(await nexts(), { client: 'done', staff: owes, boss: owes })
    await ask({ second_factor_for: 'nobody' })
    assert.deepEqual(await nexts(), { client: 'done', staff: 'done', boss: owes })
    assert.equal((await info((await comesIn(people.client)).cookie)).factor_due, null)
  })

  test('days count from a change of the rules for who was in long before it', async () => {
    const petra = await somebody()
    await daysAgo(petra, 400)
    await ask({ second_factor_for: 'nobody' })
    assert.equal((await comesIn(petra)).next, 'done')
    await ask({})
    const { next, cookie: open } = await comesIn(petra)
    assert.equal(next, 'done')
    assert.ok(Date.parse((await info(open)).factor_due ?? '') > Date.now() + 2 * 86_400_000)
    // Saved again without a change the days go on.
    await stage.owner.query(`update firm set second_factor_since = now() - interval '4 days'`)
    await ask({})
    assert.equal((await comesIn(petra)).next, 'set_up_second_factor')
  })

  test('whom a change concerns is counted and named before it, and each change is in the log', async () => {
    const lars = await stage.seedPerson({
      name: 'Lars ohne Faktor',
      staff_role: 'staff',
      password_hash: longHash
    })
    await stage.owner.query('update person set password_alone = true where id = $1', [lars.id])
    const affected = async (rules: Partial<SignInRules>) =>
      (await (
        await call(admin, 'POST', '/sign-in/preview', { cookie, body: { ...THREE_DAYS, ...rules } })
      ).json()) as SignInAffected
    const all = await affected({})
    assert.ok(all.people.some((one) => one.id === lars.id))
    assert.equal(all.count, all.people.length)
    assert.ok(!(await affected({ second_factor_for: 'nobody' })).people.some((one) => one.id === lars.id))
    const { rows } = await stage.owner.query<{ body: string }>(
      `select convert_from(body, 'UTF8') as body from audit where action = 'firm.sign_in_changed' order by seq desc limit 1`
    )
    assert.match(rows[0]?.body ?? '', /"second_factor_days":3/)
  })

  test('are for administrators', async () => {
    const lena = await stage.signIn(await somebody(longHash, 'staff'))
    for (const [method, path] of [
      ['GET', '/sign-in'],
      ['PATCH', '/sign-in'],
      ['POST', '/sign-in/preview']
    ] as const) {
      const body = method === 'GET' ? {} : { body: THREE_DAYS }
      assert.equal((await call(admin, method, path, { cookie: lena, ...body })).status, 403)
    }
    const sms = await call(admin, 'PATCH', '/sign-in', { cookie, body: { ...THREE_DAYS, sms_codes: true } })
    assert.equal(await problemCode(sms), 'conflict')
  })
})

test('whoever knows the password and guesses at the code does not use up the tries of its owner in a browser of theirs', async () => {
  await ask({})
  const petra = await somebody()
  const confirmed = await setUpApp((await comesIn(petra)).cookie)
  const device = confirmed.headers
    .getSetCookie()
    .map((one) => one.split(';')[0])
    .find((one) => one?.startsWith('portico-device='))
  const half = (await comesIn(petra)).cookie
  for (let i = 0; i < 6; i += 1)
    await call(auth, 'POST', '/second-factor', { cookie: half, body: { code: '000000' } })
  assert.equal(
    await problemCode(await call(auth, 'POST', '/second-factor', { cookie: half, body: { code: '000000' } })),
    'too_many_attempts'
  )
  const own = `${(await comesIn(petra)).cookie}; ${device}`
  assert.equal(
    await problemCode(await call(auth, 'POST', '/second-factor', { cookie: own, body: { code: '000000' } })),
    'code_failed'
  )
})
