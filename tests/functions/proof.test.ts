/** What is sensitive asks for a factor again once the last one was shown a quarter of an hour ago. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { describe, test } from 'node:test'
import { generate } from 'otplib'
import { type Handler, call, cookieOf, problemCode, setStage } from '../support/functions.ts'

const stage = await setStage({
  secrets: { 'store-app': JSON.stringify({ access_key: 'unused', secret_key: 'unused' }) },
  env: { S3_ENDPOINT: 'http://127.0.0.1:1', S3_PUBLIC_ENDPOINT: 'http://127.0.0.1:1' }
})
const auth = await stage.handler('auth')
const admin = await stage.handler('admin')
const sharing = await stage.handler('sharing')
const audit = await stage.handler('audit')
const { hashPassword } = await import('../../functions/_shared/auth/password.ts')
const { seal } = await import('../../functions/_shared/auth/sealed.ts')
const { newTotpSecret } = await import('../../functions/_shared/auth/totp.ts')

const PASSWORD = 'ein Pferd frisst Gurkensalat'
const OTHER = 'sieben Schafe tanzen leise'
const hash = await hashPassword(PASSWORD)

/** An administrator with an app, and a session that showed it 16 minutes ago. */
async function somebody() {
  const person = await stage.seedPerson({ staff_role: 'administrator', password_hash: hash })
  const secret = newTotpSecret()
  await stage.owner.query('update person set totp_secret = $2, totp_confirmed_at = now() where id = $1', [
    person.id,
    await seal(secret)
  ])
  const cookie = await stage.signIn(person)
  await age(person.id)
  return { ...person, secret, cookie }
}
const age = (id: string, minutes = 16) =>
  stage.owner.query('update session set proved_at = now() - make_interval(mins => $2) where person_id = $1', [
    id,
    minutes
  ])
const prove = (cookie: string, body: object) => call(auth, 'POST', '/prove', { cookie, body })
const code = (secret: string, step = 0) =>
  generate({ secret, epoch: Math.floor(Date.now() / 1000) + 30 * step })

const project = await stage.seedProject()
const client = await stage.seedOrganisation()
const petra = await stage.seedPerson({ organisation_id: client })
const lena = await stage.seedPerson({ staff_role: 'staff' })
const jonas = await stage.seedPerson({ staff_role: 'staff' })
await stage.seedGrant({ person_id: jonas.id, node_id: project, level: 1 })

type Route = { on: Handler; method: string; path: string; body?: object; good: number }

/** Every route that asks, with what makes it work. */
async function routesOf(person: { id: string }): Promise<Route[]> {
  await stage.seedGrant({ person_id: person.id, node_id: project, level: 4 })
  const grant = await stage.seedGrant({ person_id: petra.id, node_id: project, level: 1 })
  const shared = await call(sharing, 'POST', '/links', {
    cookie: await stage.signIn(person),
    body: { thing_ids: [project], recipient: 'Sparkasse' }
  })
  const { id: link } = (await shared.json()) as { id: string }
  await stage.seedGrant({ node_id: project, level: 1, person_id: lena.id })
  const grantBody = { thing_id: project, principal_kind: 'person', principal_id: lena.id, level: 'download' }
  return [
    { on: admin, method: 'POST', path: '/grants', body: grantBody, good: 201 },
    { on: admin, method: 'DELETE', path: `/grants/${grant}`, good: 204 },
    {
      on: admin,
      method: 'POST',
      path: '/invitations',
      body: { email: `${randomUUID()}@example.org`, name: 'New', locale: 'de', staff_role: 'staff' },
      good: 201
    },
    {
      on: admin,
      method: 'POST',
      path: '/keys',
      body: { name: 'Scanner', scopes: ['read'], days: 1 },
      good: 201
    },
    { on: admin, method: 'PATCH', path: '/firm', body: { link_days_max: 30 }, good: 200 },
    { on: admin, method: 'PATCH', path: `/people/${lena.id}`, body: { staff_role: 'assistant' }, good: 200 },
    { on: admin, method: 'POST', path: `/people/${jonas.id}/way-in`, good: 201 },
    {
      on: admin,
      method: 'PATCH',
      path: '/sign-in',
      body: {
        second_factor_for: 'everybody',
        second_factor_days: 3,
        email_codes: false,
        sms_codes: false,
        way_in_four_eyes: false
      },
      good: 200
    },
    {
      on: sharing,
      method: 'POST',
      path: '/links',
      body: { thing_ids: [project], recipient: 'Sparkasse' },
      good: 201
    },
    { on: sharing, method: 'POST', path: `/links/${link}/renew`, body: {}, good: 200 },
    { on: audit, method: 'GET', path: '/activity.csv', good: 200 },
    { on: auth, method: 'POST', path: '/email', body: { email: `${randomUUID()}@example.org` }, good: 202 },
    { on: auth, method: 'POST', path: '/password', body: { current: PASSWORD, password: OTHER }, good: 204 }
  ]
}
const run = ({ on, method, path, body }: Route, cookie: string) => call(on, method, path, { cookie, body })

describe('a sensitive act', () => {
  test('is refused by each such route, and works once the app was shown again', async () => {
    const person = await somebody()
    const routes = await routesOf(person)
    for (const route of routes) {
      const answer = await run(route, person.cookie)
      assert.equal(answer.status, 403, `${route.method} ${route.path}`)
      assert.equal(await problemCode(answer), 'proof_needed')
    }
    const proved = await prove(person.cookie, { code: await code(person.secret) })
    assert.equal(proved.status, 204)
    const cookie = cookieOf(proved) ?? ''
    for (const route of routes) {
      const answer = await run(route, cookie)
      assert.equal(answer.status, route.good, `${route.method} ${route.path}`)
      await answer.body?.cancel()
    }
  })

  test('is open for fifteen minutes, no longer; what is not sensitive stays open', async () => {
    const person = await somebody()
    const keys = () =>
      call(admin, 'POST', '/keys', {
        cookie: person.cookie,
        body: { name: 'Scanner', scopes: ['read'], days: 1 }
      })
    await age(person.id, 14)
    assert.equal((await keys()).status, 201)
    await age(person.id, 16)
    assert.equal((await keys()).status, 403)
    assert.equal((await call(admin, 'GET', '/keys', { cookie: person.cookie })).status, 200)
  })
})

describe('showing a factor again', () => {
  test('gives the session a new token; the one before is worth nothing', async () => {
    const person = await somebody()
    const proved = await prove(person.cookie, { code: await code(person.secret) })
    const cookie = cookieOf(proved) ?? ''
    assert.notEqual(cookie, person.cookie)
    const ask = async (as: string) => (await call(auth, 'GET', '/sessions', { cookie: as })).status
    assert.deepEqual([await ask(cookie), await ask(person.cookie)], [200, 401])
  })

  test('a wrong code, a used code, and the password of somebody with an app prove nothing', async () => {
    const person = await somebody()
    assert.equal(await problemCode(await prove(person.cookie, { password: PASSWORD })), 'code_failed')
    const right = await code(person.secret)
    const wrong = right === '000000' ? '000001' : '000000'
    assert.equal(await problemCode(await prove(person.cookie, { code: wrong })), 'code_failed')
    const cookie = cookieOf(await prove(person.cookie, { code: right })) ?? ''
    assert.equal(await problemCode(await prove(cookie, { code: right })), 'code_failed')
  })

  test('of fifty tries at once with one code, one proves', async () => {
    const person = await somebody()
    const right = await code(person.secret)
    const answers = await Promise.all(Array.from({ length: 50 }, () => prove(person.cookie, { code: right })))
    assert.equal(answers.filter((answer) => answer.status === 204).length, 1)
  })

  test('six guesses are too many', async () => {
    const person = await somebody()
    const answers: number[] = []
    for (let i = 0; i < 6; i += 1) answers.push((await prove(person.cookie, { password: 'wrong' })).status)
    assert.deepEqual(answers, [401, 401, 401, 401, 401, 429])
  })

  test('whoever has no second factor shows the password', async () => {
    const person = await stage.seedPerson({ password_hash: hash })
    const cookie = await stage.signIn(person)
    await age(person.id)
    assert.equal((await prove(cookie, { password: 'wrong' })).status, 401)
    const info = (await (await call(auth, 'GET', '/session', { cookie })).json()) as { proofs: string[] }
    assert.deepEqual(info.proofs, ['password'])
    assert.equal((await prove(cookie, { password: PASSWORD })).status, 204)
  })

  test('half in is not in', async () => {
    const person = await somebody()
    const half = await stage.signIn(person, 1)
    assert.equal((await prove(half, { code: await code(person.secret) })).status, 401)
  })
})
