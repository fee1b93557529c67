import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { generate } from 'otplib'
import { type Authenticator, newAuthenticator } from '../support/authenticator.ts'
import { call, cookieOf, problemCode, setStage } from '../support/functions.ts'

const stage = await setStage()
const auth = await stage.handler('auth')
const admin = await stage.handler('admin')
const { hashPassword } = await import('../../functions/_shared/auth/password.ts')

const PASSWORD = 'ein Pferd frisst Gurkensalat'
const hash = await hashPassword(PASSWORD)

let nextAddress = 0
const post = (path: string, cookie: string | null, body?: unknown) =>
  call(auth, 'POST', path, {
    ...(body !== undefined && { body }),
    ...(cookie !== null && { cookie }),
    address: `192.0.2.${(nextAddress += 1) % 250}`
  })
type Options = { challenge: string; user?: { id: string } }
const optionsOf = async (answer: Response): Promise<Options> => {
  assert.equal(answer.status, 200)
  return ((await answer.json()) as { options: Options }).options
}

async function addTo(cookie: string, device: Authenticator, name = 'Laptop') {
  const options = await optionsOf(await post('/passkeys/options', cookie))
  return post('/passkeys', cookie, { name, credential: device.make(options) })
}

/** Somebody with one passkey, signed in. */
async function withPasskey() {
  const person = await stage.seedPerson({ password_hash: hash })
  const cookie = await stage.signIn(person)
  const device = newAuthenticator()
  const added = await addTo(cookie, device)
  assert.equal(added.status, 201)
  return { person, cookie, device, id: ((await added.json()) as { id: string }).id }
}

/** The question that a browser without a session gets, and its cookie. */
async function atTheDoor() {
  const answer = await post('/passkeys/sign-in/options', null)
  return { cookie: cookieOf(answer) ?? '', options: await optionsOf(answer) }
}

const halfIn = async (email: string) =>
  cookieOf(await post('/sign-in', null, { email, password: PASSWORD })) ?? ''

const lastAct = async (action: string) =>
  (
    await stage.owner.query<{ body: string }>(
      `select convert_from(body, 'UTF8') as body from audit where action = $1 order by seq desc limit 1`,
      [action]
    )
  ).rows[0]?.body ?? ''

describe('a passkey as the only step', () => {
  test('of fifty who send one answer at once, one comes in', async () => {
    const { device } = await withPasskey()
    const { cookie, options } = await atTheDoor()
    const credential = device.show(options)
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => post('/passkeys/sign-in', cookie, { credential }))
    )
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
  })

  test('signs in without address and password; the session is complete', async () => {
    const { person, device } = await withPasskey()
    const { cookie, options } = await atTheDoor()
    assert.match(cookie, /^portico-door=[\w-]{43}$/)
    const answer = await post('/passkeys/sign-in', cookie, { credential: device.show(options) })
    assert.deepEqual(await answer.json(), { next: 'done' })
    const info = await call(auth, 'GET', '/session', { cookie: cookieOf(answer) ?? '' })
    const said = (await info.json()) as { next: string; person: { id: string }; second_factors: string[] }
    assert.deepEqual([said.next, said.person.id, said.second_factors], ['done', person.id, ['passkey']])
  })

  test('an answer is good once, however many show it at once', async () => {
    const { device } = await withPasskey()
    const { cookie, options } = await atTheDoor()
    const credential = device.show(options)
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => post('/passkeys/sign-in', cookie, { credential }))
    )
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
    assert.equal(await problemCode(await post('/passkeys/sign-in', cookie, { credential })), 'passkey_failed')
  })

  test('another browser cannot use what this one was asked', async () => {
    const { device } = await withPasskey()
    const { options } = await atTheDoor()
    const other = await atTheDoor()
    const answer = await post('/passkeys/sign-in', other.cookie, { credential: device.show(options) })
    assert.equal(await problemCode(answer), 'passkey_failed')
    const none = await post('/passkeys/sign-in', null, { credential: device.show(options) })
    assert.equal(await problemCode(none), 'passkey_failed')
  })

  test('an answer for another origin or another name is refused, and its challenge is gone', async () => {
    const { device } = await withPasskey()
    for (const lie of [
      { origin: 'http://localhost:8481' },
      { origin: 'https://portico.example' },
      { rp_id: 'portico.example' }
    ]) {
      const { cookie, options } = await atTheDoor()
      const told = await post('/passkeys/sign-in', cookie, { credential: device.show(options, lie) })
      assert.equal(await problemCode(told), 'passkey_failed')
      const late = await post('/passkeys/sign-in', cookie, { credential: device.show(options) })
      assert.equal(await problemCode(late), 'passkey_failed')
    }
  })

  test('without the authenticator having verified the person, or having said who it is, it opens nothing', async () => {
    const { device } = await withPasskey()
    const { person: other } = await withPasskey()
    for (const lie of [
      { verified: false },
      { user_handle: null },
      { user_handle: Buffer.from(other.id).toString('base64url') }
    ]) {
      const { cookie, options } = await atTheDoor()
      const told = await post('/passkeys/sign-in', cookie, { credential: device.show(options, lie) })
      assert.equal(await problemCode(told), 'passkey_failed')
    }
  })

  test('a challenge of five minutes ago is over', async () => {
    const { device } = await withPasskey()
    const { cookie, options } = await atTheDoor()
    await stage.owner.query(`update passkey_challenge set expires_at = now() - interval '1 second'`)
    const told = await post('/passkeys/sign-in', cookie, { credential: device.show(options) })
    assert.equal(await problemCode(told), 'passkey_failed')
  })

  test('a count that does not rise is a copy, perhaps; nobody comes in by it', async () => {
    const { device } = await withPasskey()
    const first = await atTheDoor()
    const good = await post('/passkeys/sign-in', first.cookie, {
      credential: device.show(first.options, { counter: 100 })
    })
    assert.equal(good.status, 200)
    const second = await atTheDoor()
    const copy = await post('/passkeys/sign-in', second.cookie, {
      credential: device.show(second.options, { counter: 100 })
    })
    assert.equal(await problemCode(copy), 'passkey_failed')
  })

  test('who was deactivated is nobody; an unknown passkey is told the same', async () => {
    const { person, device } = await withPasskey()
    await stage.owner.query('update person set valid_until = now() where id = $1', [person.id])
    const answers = await Promise.all(
      [device, newAuthenticator()].map(async (one) => {
        const { cookie, options } = await atTheDoor()
        const credential = one.show(options, { user_handle: Buffer.from(person.id).toString('base64url') })
        const told = await post('/passkeys/sign-in', cookie, { credential })
        return { ...((await told.json()) as object), instance: '' }
      })
    )
    assert.deepEqual(answers[0], answers[1])
  })
})

describe('a passkey after the password', () => {
  test('takes the place of the code, also without verification: the password was shown', async () => {
    const { person, device } = await withPasskey()
    const half = await halfIn(person.email)
    const options = await optionsOf(await post('/second-factor/passkey/options', half))
    const credential = device.show(options, { verified: false })
    const answer = await post('/second-factor/passkey', half, { credential })
    assert.deepEqual(await answer.json(), { next: 'done' })
    assert.equal((await call(auth, 'GET', '/sessions', { cookie: cookieOf(answer) ?? '' })).status, 200)
  })

  test("somebody else's passkey is none, and five wrong ones are enough", async () => {
    const { person } = await withPasskey()
    const other = await withPasskey()
    const half = await halfIn(person.email)
    const codes: string[] = []
    for (let i = 0; i < 6; i += 1) {
      const options = await optionsOf(await post('/second-factor/passkey/options', half))
      const credential = other.device.show(options)
      codes.push(await problemCode(await post('/second-factor/passkey', half, { credential })))
    }
    assert.deepEqual(codes, [...Array<string>(5).fill('passkey_failed'), 'too_many_attempts'])
  })

  test('what another session was asked is not answered here', async () => {
    const { person, device } = await withPasskey()
    const [mine, theirs] = [await halfIn(person.email), await halfIn(person.email)]
    const options = await optionsOf(await post('/second-factor/passkey/options', theirs))
    const told = await post('/second-factor/passkey', mine, { credential: device.show(options) })
    assert.equal(await problemCode(told), 'passkey_failed')
  })
})

describe("one's own passkeys", () => {
  test('the first second factor may be a passkey: the session is then complete, with a new token', async () => {
    const person = await stage.seedPerson({ password_hash: hash })
    const half = await halfIn(person.email)
    const added = await addTo(half, newAuthenticator())
    assert.equal(added.status, 201)
    assert.notEqual(cookieOf(added), half)
    assert.equal((await call(auth, 'GET', '/session', { cookie: half })).status, 401)
    assert.equal((await call(auth, 'GET', '/sessions', { cookie: cookieOf(added) ?? '' })).status, 200)
    assert.match(await lastAct('second_factor.set_up'), /"kind":"passkey"/)
  })

  test('with the password alone nobody adds one beside the factor that is there', async () => {
    const { person } = await withPasskey()
    const thief = await halfIn(person.email)
    assert.equal(await problemCode(await post('/passkeys/options', thief)), 'conflict')
    assert.equal(await problemCode(await post('/second-factor/set-up', thief)), 'conflict')
    // Also when the question was asked while there was none yet.
    const late = await stage.seedPerson({ password_hash: hash })
    const [one, two] = [await halfIn(late.email), await halfIn(late.email)]
    const [a, b] = [newAuthenticator(), newAuthenticator()]
    const options = await Promise.all(
      [one, two].map(async (cookie) => optionsOf(await post('/passkeys/options', cookie)))
    )
    const answers = await Promise.all([
      post('/passkeys', one, { name: 'a', credential: a.make(options[0] ?? { challenge: '' }) }),
      post('/passkeys', two, { name: 'b', credential: b.make(options[1] ?? { challenge: '' }) })
    ])
    assert.deepEqual(answers.map(({ status }) => status).toSorted(), [201, 409])
  })

  test('one from another origin, or of a question that was answered before, is not added', async () => {
    const { cookie } = await withPasskey()
    const device = newAuthenticator()
    const options = await optionsOf(await post('/passkeys/options', cookie))
    const evil = device.make(options, { origin: 'https://evil.example' })
    assert.equal(
      await problemCode(await post('/passkeys', cookie, { name: 'x', credential: evil })),
      'passkey_failed'
    )
    const again = await post('/passkeys', cookie, { name: 'x', credential: device.make(options) })
    assert.equal(await problemCode(again), 'passkey_failed')
  })

  test('several, each with a name; a foreign one is not found; the last factor stays', async () => {
    const { person, cookie, id } = await withPasskey()
    const foreign = await withPasskey()
    const added = (await (await addTo(cookie, newAuthenticator(), 'Telefon')).json()) as { id: string }
    const path = (one: string) => `/passkeys/${one}`
    const renamed = await call(auth, 'PATCH', path(id), { cookie, body: { name: ' Büro ' } })
    assert.equal(((await renamed.json()) as { name: string }).name, 'Büro')
    for (const method of ['PATCH', 'DELETE'])
      assert.equal(
        (
          await call(auth, method, path(foreign.id), {
            cookie,
            ...(method === 'PATCH' && { body: { name: 'x' } })
          })
        ).status,
        404
      )
    const list = await call(auth, 'GET', '/second-factors', { cookie })
    const said = (await list.json()) as { app: null; passkeys: { name: string }[] }
    assert.deepEqual([said.app, said.passkeys.map(({ name }) => name)], [null, ['Büro', 'Telefon']])

    const gone = await Promise.all([id, added.id].map((one) => call(auth, 'DELETE', path(one), { cookie })))
    assert.deepEqual(gone.map(({ status }) => status).toSorted(), [204, 409])
    assert.match(await lastAct('second_factor.removed'), /"kind":"passkey"/)
    const mails = await stage.owner.query(
      `select from job where kind = 'notify' and data->>'template' = 'factors' and data->>'person_id' = $1`,
      [person.id]
    )
    assert.equal(mails.rowCount, 1, 'the person is told, once')
  })

  test('the app may go when a passkey stays, and come back', async () => {
    const { cookie } = await withPasskey()
    assert.equal((await call(auth, 'DELETE', '/second-factors/app', { cookie })).status, 404)
    const { secret } = (await (await post('/second-factor/set-up', cookie)).json()) as { secret: string }
    const confirmed = await post('/second-factor/confirm', cookie, { code: await generate({ secret }) })
    const now = cookieOf(confirmed) ?? ''
    assert.equal((await call(auth, 'DELETE', '/second-factors/app', { cookie: now })).status, 204)
    assert.equal((await post('/second-factor/set-up', now)).status, 200)
  })

  test('a new way in by an administrator takes the passkeys as well, once it is used', async () => {
    const { person, device } = await withPasskey()
    const boss = await stage.seedPerson({ staff_role: 'administrator' })
    const made = await call(admin, 'POST', `/people/${person.id}/way-in`, {
      cookie: await stage.signIn(boss)
    })
    const { code } = (await made.json()) as { code: string }
    assert.equal((await post('/second-factor/recovery', await stage.signIn(person, 1), { code })).status, 200)
    const { cookie, options } = await atTheDoor()
    const told = await post('/passkeys/sign-in', cookie, { credential: device.show(options) })
    assert.equal(await problemCode(told), 'passkey_failed')
  })
})

describe('a passkey as proof before what is sensitive', () => {
  const prove = (cookie: string, body: object) => post('/prove', cookie, body)
  const isDue = async (cookie: string) =>
    (await (await call(auth, 'GET', '/session', { cookie })).json()) as {
      proof_due: boolean
      proofs: string[]
    }

  test('is taken once, in the session it was asked for, and the password is not', async () => {
    const { person, cookie, device } = await withPasskey()
    await stage.owner.query(`update session set proved_at = now() - interval '1 hour' where person_id = $1`, [
      person.id
    ])
    const before = await isDue(cookie)
    assert.deepEqual([before.proof_due, before.proofs], [true, ['passkey']])
    assert.equal(await problemCode(await prove(cookie, { password: PASSWORD })), 'code_failed')

    const options = await optionsOf(await post('/prove/options', cookie))
    const credential = device.show(options)
    const elsewhere = await stage.signIn(person)
    assert.equal(await problemCode(await prove(elsewhere, { credential })), 'code_failed', 'another session')
    const again = await optionsOf(await post('/prove/options', cookie))
    const shown = device.show(again)
    const proved = await prove(cookie, { credential: shown })
    assert.equal(proved.status, 204)
    const now = cookieOf(proved) ?? ''
    assert.equal((await isDue(now)).proof_due, false)
    assert.equal(await problemCode(await prove(now, { credential: shown })), 'code_failed', 'a second time')
  })

  test('that only was touched proves nothing: the machine may stand open with the key in it', async () => {
    const { cookie, device } = await withPasskey()
    const touched = device.show(await optionsOf(await post('/prove/options', cookie)), { verified: false })
    assert.equal(await problemCode(await prove(cookie, { credential: touched })), 'code_failed')
    const options = await optionsOf(await post('/prove/options', cookie))
    assert.equal(Reflect.get(options, 'userVerification'), 'required')
    assert.equal((await prove(cookie, { credential: device.show(options) })).status, 204)
  })

  test('of somebody else proves nothing', async () => {
    const [one, other] = [await withPasskey(), await withPasskey()]
    const options = await optionsOf(await post('/prove/options', one.cookie))
    const credential = other.device.show(options)
    assert.equal(await problemCode(await prove(one.cookie, { credential })), 'code_failed')
  })
})
