import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { before, describe, test } from 'node:test'
import { generate } from 'otplib'
import { call, cookieOf, problemCode, setStage } from '../support/functions.ts'

const stage = await setStage()
const auth = await stage.handler('auth')
const { hashPassword } = await import('../../functions/_shared/auth/password.ts')
const { sumFailures } = await import('../../functions/auth/failures.ts')

const PASSWORD = 'ein Pferd frisst Gurkensalat'
const hash = await hashPassword(PASSWORD)

let nextAddress = 0
/** Each test guesses from an address of its own, or it would be the other tests' limit that stops it. */
const someAddress = () => `192.0.2.${(nextAddress += 1)}`

const newPerson = () => stage.seedPerson({ password_hash: hash })
const signIn = (email: string, password: string, wish: { address?: string; cookie?: string } = {}) =>
  call(auth, 'POST', '/sign-in', { body: { email, password }, address: someAddress(), ...wish })
const post = (path: string, cookie: string | null, body?: unknown) =>
  call(auth, 'POST', path, { body, ...(cookie !== null && { cookie }) })
const acts = async (action: string) =>
  (
    await stage.owner.query<{ body: string; detail: string | null; subject_id: string | null }>(
      `select convert_from(a.body, 'UTF8') as body, a.subject_id, d.detail
         from audit a left join audit_detail d on d.audit_seq = a.seq where a.action = $1 order by a.seq`,
      [action]
    )
  ).rows

/** A person with both factors, and the session that setting them up left. */
async function joined() {
  const person = await newPerson()
  const first = cookieOf(await signIn(person.email, PASSWORD))
  const { secret } = (await (await post('/second-factor/set-up', first)).json()) as { secret: string }
  const code = await generate({ secret })
  const confirmed = await post('/second-factor/confirm', first, { code })
  assert.equal(confirmed.status, 200)
  return { person, secret, code, first, cookie: cookieOf(confirmed) ?? '' }
}

/** A code that no step up to now has used. */
const nextCode = (secret: string) => generate({ secret, epoch: Math.floor(Date.now() / 1000) + 30 })

describe('signing in', () => {
  test('password, then second factor, then in: each with a new token', async () => {
    const { person, secret, first, cookie } = await joined()
    assert.notEqual(first, cookie)
    assert.equal((await call(auth, 'GET', '/session', { cookie: first ?? '' })).status, 401)

    const again = await signIn(person.email.toUpperCase(), PASSWORD)
    assert.deepEqual(await again.json(), { next: 'second_factor' })
    const half = cookieOf(again)
    assert.equal((await call(auth, 'GET', '/sessions', { cookie: half ?? '' })).status, 401)
    const done = await post('/second-factor', half, { code: await nextCode(secret) })
    assert.deepEqual(await done.json(), { next: 'done' })
    const info = (await (
      await call(auth, 'GET', '/session', { cookie: cookieOf(done) ?? '' })
    ).json()) as Record<string, unknown>
    assert.equal(info.next, 'done')
    assert.equal((info.person as { id: string }).id, person.id)
  })

  test('the cookie is out of reach of scripts and other sites', async () => {
    const person = await newPerson()
    const header = (await signIn(person.email, PASSWORD)).headers.getSetCookie()[0] ?? ''
    assert.match(header, /^portico=[\w-]{43}; Path=\/; Expires=.+; HttpOnly; SameSite=Lax$/)
  })

  test('the database holds neither the token nor the second factor in clear', async () => {
    const { person, secret, cookie } = await joined()
    const token = cookie.split('=')[1] ?? ''
    const { rows } = await stage.owner.query(
      `select s.token_hash, p.totp_secret from person p join session s on s.person_id = p.id where p.id = $1`,
      [person.id]
    )
    assert.deepEqual(rows[0].token_hash, createHash('sha256').update(token).digest())
    assert.ok(!rows[0].totp_secret.includes(secret))
    assert.equal(rows[0].totp_secret.split('.').length, 5)
  })

  test('a wrong password and an account that is not there are answered alike', async () => {
    const person = await newPerson()
    const [wrong, missing] = await Promise.all([
      signIn(person.email, 'wrong'),
      signIn('nobody@example.org', 'wrong')
    ])
    const [a, b] = (await Promise.all([wrong.json(), missing.json()])) as Record<string, unknown>[]
    assert.equal(wrong.status, 401)
    assert.equal(missing.status, 401)
    assert.deepEqual({ ...a, instance: '' }, { ...b, instance: '' })
  })

  test('an account that is not there takes as long as a wrong password', async () => {
    const person = await newPerson()
    const times = { known: [] as number[], unknown: [] as number[] }
    for (let i = 0; i < 8; i += 1)
      for (const [kind, email] of [
        ['known', person.email],
        ['unknown', `nobody-${i}@example.org`]
      ] as const) {
        const started = performance.now()
        await signIn(email, 'wrong')
        times[kind].push(performance.now() - started)
      }
    const median = (all: number[]) => all.toSorted((a, b) => a - b)[4] ?? 0
    const ratio = median(times.unknown) / median(times.known)
    // Leaving the hash out would make it a tenth; machines under load swing by less than half.
    assert.ok(ratio > 0.5 && ratio < 2, `ratio ${ratio.toFixed(2)}`)
  })

  test('who was deactivated or has not joined yet is nobody', async () => {
    const gone = await newPerson()
    await stage.owner.query('update person set valid_until = now() where id = $1', [gone.id])
    const invited = await stage.seedPerson({ password_hash: null })
    for (const { email } of [gone, invited])
      assert.equal(await problemCode(await signIn(email, PASSWORD)), 'sign_in_failed')
  })

  test('twenty wrong passwords are too many, and say when to come back', async () => {
    const person = await newPerson()
    const address = someAddress()
    const answers: Response[] = []
    for (let i = 0; i < 20; i += 1) answers.push(await signIn(person.email, `wrong ${i}`, { address }))
    const last = answers.at(-1)
    assert.equal(last?.status, 429)
    const wait = Number(last?.headers.get('retry-after'))
    assert.ok(wait > 0 && wait <= 300, `retry after ${wait} s`)
    // The right password does not help from there …
    assert.equal((await signIn(person.email, PASSWORD, { address })).status, 429)
    // … but its owner, elsewhere, is not kept out.
    assert.equal((await signIn(person.email, PASSWORD)).status, 200)
  })

  test('fifty guesses at once are not more than ten', async () => {
    const person = await newPerson()
    const address = someAddress()
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) => signIn(person.email, `wrong ${i}`, { address }))
    )
    assert.equal(answers.filter((answer) => answer.status === 401).length, 10)
    assert.equal(answers.filter((answer) => answer.status === 429).length, 40)
  })

  test('a body that is no sign-in names its fields', async () => {
    const answer = await call(auth, 'POST', '/sign-in', { body: { email: 'a@example.org' } })
    assert.equal(answer.status, 422)
    const { errors } = (await answer.json()) as { errors: { field: string }[] }
    assert.deepEqual(
      errors.map((error) => error.field),
      ['password']
    )
    const headers = { 'content-type': 'text/plain' }
    const untyped = new Request('http://function.local/sign-in', { method: 'POST', headers, body: '{}' })
    assert.equal((await auth.fetch(untyped)).status, 400)
  })
})

describe('sessions', () => {
  test('a wrong, an expired and an idle session are none', async () => {
    const person = await newPerson()
    const wrong = `portico=${randomBytes(32).toString('base64url')}`
    const expired = await stage.signIn(person)
    await stage.owner.query(`update session set expires_at = now() where person_id = $1`, [person.id])
    const idle = await stage.signIn(person)
    await stage.owner.query(
      `update session set last_used_at = now() - interval '8 hours' where person_id = $1`,
      [person.id]
    )
    for (const cookie of [wrong, expired, idle, 'portico=', `portico=${'x'.repeat(9_000)}`]) {
      const answer = await call(auth, 'GET', '/session', { cookie })
      assert.equal(await problemCode(answer), 'not_signed_in')
    }
  })

  test('what a page asks by itself keeps no session alive', async () => {
    const person = await newPerson()
    const cookie = await stage.signIn(person)
    const idleFor = async () => {
      const { rows } = await stage.owner.query<{ seconds: number }>(
        `select extract(epoch from now() - last_used_at)::int as seconds from session where person_id = $1`,
        [person.id]
      )
      return rows[0]?.seconds ?? 0
    }
    await stage.owner.query(
      `update session set last_used_at = now() - interval '1 hour' where person_id = $1`,
      [person.id]
    )
    const headers = { 'portico-passive': '1' }
    assert.equal((await call(auth, 'GET', '/session', { cookie, headers })).status, 200)
    assert.ok((await idleFor()) >= 3_600)
    assert.equal((await call(auth, 'GET', '/session', { cookie })).status, 200)
    assert.ok((await idleFor()) < 60)

    // What changes something is an act, whatever it says of itself.
    await stage.owner.query(
      `update session set last_used_at = now() - interval '1 hour' where person_id = $1`,
      [person.id]
    )
    const body = { locale: 'sv' }
    assert.equal((await call(auth, 'PATCH', '/session', { cookie, headers, body })).status, 200)
    assert.ok((await idleFor()) < 60)
  })

  test('a stolen cookie does nothing from another origin', async () => {
    const cookie = await stage.signIn(await newPerson())
    for (const origin of ['https://evil.example', 'null', null]) {
      const answer = await call(auth, 'PATCH', '/session', { cookie, origin, body: { locale: 'sv' } })
      assert.equal(await problemCode(answer), 'wrong_origin')
    }
    assert.equal((await call(auth, 'PATCH', '/session', { cookie, body: { locale: 'sv' } })).status, 200)
  })

  test('signing out ends the session at the server, twice is no harm', async () => {
    const cookie = await stage.signIn(await newPerson())
    assert.equal((await post('/sign-out', cookie)).status, 204)
    assert.equal((await call(auth, 'GET', '/session', { cookie })).status, 401)
    assert.equal((await post('/sign-out', cookie)).status, 204)
  })

  test("one's own other sessions can be ended, nobody else's", async () => {
    const person = await newPerson()
    const here = await stage.signIn(person)
    const there = await stage.signIn(person)
    const stranger = await stage.signIn(await newPerson())
    const list = async (cookie: string) =>
      (
        (await (await call(auth, 'GET', '/sessions', { cookie })).json()) as {
          items: { id: string; current: boolean }[]
        }
      ).items
    const other = (await list(here)).find((item) => !item.current)
    assert.equal((await list(here)).length, 2)
    assert.equal((await call(auth, 'DELETE', `/sessions/${other?.id}`, { cookie: stranger })).status, 404)
    assert.equal((await call(auth, 'DELETE', `/sessions/${other?.id}`, { cookie: here })).status, 204)
    assert.equal((await call(auth, 'GET', '/session', { cookie: there })).status, 401)
    assert.equal((await list(here)).length, 1)
  })
})

describe('the second factor', () => {
  test('a code works once, also a moment later in another session', async () => {
    const { person, secret } = await joined()
    const code = await nextCode(secret)
    const first = cookieOf(await signIn(person.email, PASSWORD))
    const second = cookieOf(await signIn(person.email, PASSWORD))
    assert.equal((await post('/second-factor', first, { code })).status, 200)
    assert.equal(await problemCode(await post('/second-factor', second, { code })), 'code_failed')
  })

  test('the code that set it up does not sign in', async () => {
    const { person, code } = await joined()
    const half = cookieOf(await signIn(person.email, PASSWORD))
    assert.equal(await problemCode(await post('/second-factor', half, { code })), 'code_failed')
  })

  test('of fifty uses of one code at once one gets in', async () => {
    const { person } = await joined()
    const { useTotpStep } = await import('../../functions/auth/person.ts')
    const pool = stage.database.pool('portico_app', 16)
    const step = Math.floor(Date.now() / 30_000) + 1
    const got = await Promise.all(Array.from({ length: 50 }, () => useTotpStep(pool, person.id, step)))
    assert.equal(got.filter(Boolean).length, 1)
  })

  test('of fifty sign-ins with one code at once one gets in', async () => {
    const { person, secret } = await joined()
    const halves = await Promise.all(Array.from({ length: 50 }, () => stage.signIn({ id: person.id }, 1)))
    const code = await nextCode(secret)
    const answers = await Promise.all(halves.map((half) => post('/second-factor', half, { code })))
    assert.equal(answers.filter((answer) => answer.status === 200).length, 1)
  })

  test('six wrong codes are too many', async () => {
    const { person } = await joined()
    const half = cookieOf(await signIn(person.email, PASSWORD))
    const statuses: number[] = []
    for (let i = 0; i < 6; i += 1)
      statuses.push((await post('/second-factor', half, { code: `00000${i}` })).status)
    assert.deepEqual(statuses, [401, 401, 401, 401, 401, 429])
    assert.ok((await acts('second_factor.failed')).length >= 5)
  })

  test('set-up shows the same secret for as long as the session lasts, and an app can read the code', async () => {
    const person = await newPerson()
    const half = cookieOf(await signIn(person.email, PASSWORD))
    const [a, b] = [
      (await (await post('/second-factor/set-up', half)).json()) as {
        secret: string
        otpauth_uri: string
        qr: { size: number; path: string }
      },
      (await (await post('/second-factor/set-up', half)).json()) as { secret: string }
    ]
    assert.equal(a.secret, b.secret)
    assert.match(a.otpauth_uri, /^otpauth:\/\/totp\/Kanzlei%20Test:/)
    assert.match(a.qr.path, /^(M\d+ \d+h\d+v1h-\d+z)+$/)
  })

  test('somebody else who knows the password never sees the secret that is confirmed', async () => {
    const person = await newPerson()
    const theirs = cookieOf(await signIn(person.email, PASSWORD))
    const own = cookieOf(await signIn(person.email, PASSWORD))
    const seen = (await (await post('/second-factor/set-up', theirs)).json()) as { secret: string }
    const mine = (await (await post('/second-factor/set-up', own)).json()) as { secret: string }
    assert.notEqual(seen.secret, mine.secret)
    const late = await post('/second-factor/confirm', theirs, { code: await generate(seen) })
    assert.equal(await problemCode(late), 'code_failed')
    const code = await generate(mine)
    assert.equal(
      (await post('/second-factor/confirm', own, { code: ` ${code.slice(0, 3)} ${code.slice(3)}` })).status,
      200
    )
    // Once it is there, no session with only the password can replace it.
    const thief = cookieOf(await signIn(person.email, PASSWORD))
    assert.equal((await post('/second-factor/set-up', thief)).status, 409)
  })
})

describe('what is written down', () => {
  before(() => stage.owner.query('delete from rate_limit'))

  test('failures singly up to ten a minute and source, then as one row with its count', async () => {
    const person = await newPerson()
    const before = (await acts('session.failed')).length
    const address = someAddress()
    for (let i = 0; i < 14; i += 1) await signIn(`${i}-${person.email}`, 'wrong', { address })
    const singly = (await acts('session.failed')).slice(before)
    assert.equal(singly.length, 10)
    assert.ok(
      singly.every((act) => !act.body.includes(address)),
      'no address in the row itself'
    )
    assert.ok(singly.every((act) => act.detail?.includes(address)))

    await sumFailures(Date.now() + 60_000)
    await sumFailures(Date.now() + 60_000)
    const sums = (await acts('session.failed')).slice(before + 10)
    assert.deepEqual(
      sums.map((act) => (JSON.parse(act.body) as { facts: { count: number } }).facts.count),
      [4]
    )
  })

  test('who came in, who set up a factor, who went', async () => {
    const { person, cookie } = await joined()
    await post('/sign-out', cookie)
    for (const action of ['second_factor.set_up', 'session.started', 'session.ended'])
      assert.ok(
        (await acts(action)).some((act) => act.body.includes(`"actor_id":"${person.id}"`)),
        action
      )
  })
})
