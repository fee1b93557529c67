import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { hashRecoveryCode, newRecoveryCodes, plainCode } from '../../functions/_shared/auth/recovery-code.ts'
import { call, cookieOf, problemCode, setStage } from '../support/functions.ts'

const stage = await setStage()
const auth = await stage.handler('auth')

const post = (path: string, cookie: string, body?: unknown) =>
  call(auth, 'POST', path, { cookie, ...(body !== undefined && { body }) })
const show = (cookie: string, code: string) => post('/second-factor/recovery', cookie, { code })

async function make(cookie: string): Promise<string[]> {
  const answer = await post('/recovery-codes', cookie)
  assert.equal(answer.status, 201)
  return ((await answer.json()) as { codes: string[] }).codes
}

/** Somebody with an app that is lost, and ten codes. */
async function prepared() {
  const person = await stage.seedPerson()
  await stage.owner.query(`update person set totp_confirmed_at = now(), totp_secret = 'lost' where id = $1`, [
    person.id
  ])
  const cookie = await stage.signIn(person)
  return { person, cookie, codes: await make(cookie), half: () => stage.signIn(person, 1) }
}

const stateOf = async (cookie: string) =>
  (
    (await (await call(auth, 'GET', '/second-factors', { cookie })).json()) as {
      recovery_codes: { left: number } | null
    }
  ).recovery_codes

describe('recovery codes', () => {
  test('are ten, of 120 bits in six groups of four, and typed from paper in many ways', () => {
    const codes = newRecoveryCodes()
    assert.equal(new Set(codes).size, 10)
    for (const code of codes) assert.match(code, /^([0-9A-HJKMNP-TV-Z]{4}-){5}[0-9A-HJKMNP-TV-Z]{4}$/)
    assert.equal(plainCode(' o1Il–abcd '), '0111ABCD')
    const [code = ''] = codes
    const typed = code.toLowerCase().replaceAll('-', ' ')
    assert.deepEqual(hashRecoveryCode('p', typed), hashRecoveryCode('p', code))
    assert.notDeepEqual(hashRecoveryCode('p', code), hashRecoveryCode('q', code))
  })

  test('are in one answer only: the database does not hold them, the list says how many are left', async () => {
    const { person, cookie, codes } = await prepared()
    const { rows } = await stage.owner.query('select * from recovery_code where person_id = $1', [person.id])
    assert.equal(rows.length, 10)
    assert.ok(!JSON.stringify(rows).includes(codes[0] ?? '-'))
    assert.equal((await stateOf(cookie))?.left, 10)
  })

  test('one opens the second door once; mail and log say so, and how many are left', async () => {
    const { person, codes, half } = await prepared()
    const [code = ''] = codes
    const answer = await show(await half(), code.toLowerCase())
    assert.deepEqual(await answer.json(), { next: 'done', left: 9 })
    assert.equal((await stateOf(cookieOf(answer) ?? ''))?.left, 9)
    assert.equal(await problemCode(await show(await half(), code)), 'code_failed')
    const mails = await stage.owner.query(
      `select from job where kind = 'notify' and data->>'template' = 'recovered' and data->>'person_id' = $1`,
      [person.id]
    )
    assert.equal(mails.rowCount, 1)
    const log = await stage.owner.query<{ body: string }>(
      `select convert_from(body, 'UTF8') as body from audit where action = 'second_factor.code_used' and actor_id = $1`,
      [person.id]
    )
    assert.match(log.rows[0]?.body ?? '', /"left":9/)
  })

  test('of fifty who show one at once, one comes in', async () => {
    const { person, codes, half } = await prepared()
    const halves = await Promise.all(Array.from({ length: 50 }, half))
    // The limit would stop most of them before the row's lock does.
    const forget = () => stage.owner.query('delete from rate_limit')
    const answers = []
    for (let i = 0; i < halves.length; i += 5) {
      await forget()
      answers.push(...(await Promise.all(halves.slice(i, i + 5).map((one) => show(one, codes[0] ?? '')))))
    }
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
    const used = await stage.owner.query(
      'select from recovery_code where person_id = $1 and used_at is not null',
      [person.id]
    )
    assert.equal(used.rowCount, 1)
  })

  test('new ones take the place of those before, also when two sets are made at once', async () => {
    const { cookie, codes, half } = await prepared()
    await Promise.all([make(cookie), make(cookie)])
    assert.equal((await stateOf(cookie))?.left, 10)
    assert.equal(await problemCode(await show(await half(), codes[1] ?? '')), 'code_failed')
  })

  test("somebody else's code opens nothing, five wrong ones are enough, and none is made half in", async () => {
    const { half } = await prepared()
    const { codes } = await prepared()
    const mine = await half()
    const said: string[] = []
    for (let i = 0; i < 6; i += 1) said.push(await problemCode(await show(mine, codes[i] ?? '')))
    assert.deepEqual(said, [...Array<string>(5).fill('code_failed'), 'too_many_attempts'])
    assert.equal(await problemCode(await post('/recovery-codes', mine)), 'second_factor_owed')
  })
})
