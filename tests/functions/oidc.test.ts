import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { SignJWT, UnsecuredJWT, generateKeyPair } from 'jose'
import { call, cookieOf, problemCode } from '../support/functions.ts'
import { CLIENT } from '../support/oidc-provider.ts'
import { setOidcStage } from '../support/oidc-stage.ts'

const {
  provider,
  stage,
  auth,
  save,
  knownThere,
  staffAtBoth,
  begin,
  end,
  signIn,
  codeOf,
  sessionOf,
  lastAct
} = await setOidcStage()

describe('signing in with the firm’s account', () => {
  test('leads to the provider with PKCE (S256), state and nonce, and back into a session of one’s own', async () => {
    const { person } = await staffAtBoth()
    const { answer, location, query } = await signIn({ next: '/projects?sort=name' })
    const asked = new URL(location).searchParams
    assert.equal(asked.get('code_challenge_method'), 'S256')
    assert.equal(asked.get('redirect_uri'), 'http://localhost:8480/sign-in/provider/back')
    for (const name of ['state', 'nonce', 'code_challenge'])
      assert.match(asked.get(name) ?? '', /^[\w-]{43}$/)
    assert.equal(new URLSearchParams(query).get('iss'), provider.issuer)
    assert.deepEqual(await answer.json(), { next: 'done', path: '/projects?sort=name' })
    const session = await sessionOf(cookieOf(answer) ?? '')
    assert.deepEqual([session.person.id, session.next], [person.id, 'done'])
    assert.match(await lastAct('identity.linked'), new RegExp(person.id))
  })

  test('no address that somebody names leads away: a path of another site is the start page’s', async () => {
    await staffAtBoth()
    for (const next of [
      'https://evil.example',
      '//evil.example',
      '/\\evil.example',
      'javascript:alert(1)',
      '/.//evil.example'
    ]) {
      const { answer } = await signIn({ next })
      assert.equal(((await answer.json()) as { path: string }).path, '/', next)
    }
  })

  test('is known again by issuer and subject, whatever became of the address', async () => {
    const { person, subject } = await staffAtBoth()
    assert.equal((await signIn()).answer.status, 200)
    provider.accounts.set(subject, { email: 'another@example.org', email_verified: false, roles: ['anwalt'] })
    const { answer } = await signIn()
    assert.equal((await sessionOf(cookieOf(answer) ?? '')).person.id, person.id)
  })

  test('an address that differs only in case or Unicode form is the same', async () => {
    const person = await stage.seedPerson({ staff_role: 'staff', email: 'jörg.müller@example.org' })
    knownThere({ email: 'JO\u0308RG.Mu\u0308ller@Example.ORG', roles: ['portico-staff'] })
    const { answer } = await signIn()
    assert.equal((await sessionOf(cookieOf(answer) ?? '')).person.id, person.id)
  })

  test('an address of letters that merely look alike is not', async () => {
    const person = await stage.seedPerson({ staff_role: 'staff' })
    knownThere({ email: person.email.replace('person', 'ｐerson'), roles: ['portico-staff'] })
    assert.equal(await codeOf(), 'provider_refused')
    assert.match(await lastAct('session.failed'), /provider_lookalike/)
  })

  test('Portico’s own factor is asked for, unless the setting takes the provider’s', async () => {
    const { person, subject } = await staffAtBoth()
    await save({ factors: 'own' })
    const own = await signIn()
    assert.deepEqual(await own.answer.json(), { next: 'set_up_second_factor', path: '/' })
    assert.equal((await call(auth, 'GET', '/sessions', { cookie: cookieOf(own.answer) ?? '' })).status, 401)

    await save({ factors: 'claims', factor_values: ['mfa', 'otp'] })
    provider.login = { account: subject, amr: ['pwd'] }
    assert.equal(((await (await signIn()).answer.json()) as { next: string }).next, 'set_up_second_factor')
    provider.login = { account: subject, amr: ['pwd', 'otp'] }
    assert.equal(((await (await signIn()).answer.json()) as { next: string }).next, 'done')
    provider.login = { account: subject, acr: 'mfa' }
    const by_acr = await signIn()
    assert.equal(new URL(by_acr.location).searchParams.get('acr_values'), 'mfa otp')
    assert.equal(((await by_acr.answer.json()) as { next: string }).next, 'done')
    assert.equal((await sessionOf(cookieOf(by_acr.answer) ?? '')).person.id, person.id)
  })

  test('two tabs at once, for the first time: both are in, and it is one person', async () => {
    const { person } = await staffAtBoth()
    const one = await begin()
    const two = await begin(one.cookie)
    const [a, b] = await Promise.all([provider.visit(one.location), provider.visit(two.location)])
    const answers = await Promise.all([end(one.cookie, b), end(one.cookie, a)])
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200]
    )
    const linked = await stage.owner.query('select from identity where person_id = $1', [person.id])
    assert.equal(linked.rowCount, 1)
  })
})

describe('what is not right lets nobody in', () => {
  test('a callback that comes twice, fifty times at once: one is in', async () => {
    await staffAtBoth()
    const { location, cookie } = await begin()
    const query = await provider.visit(location)
    const answers = await Promise.all(Array.from({ length: 50 }, () => end(cookie, query)))
    assert.deepEqual(
      answers
        .map(({ status }) => status)
        .toSorted()
        .slice(0, 2),
      [200, 410]
    )
    assert.equal(await problemCode(await end(cookie, query)), 'provider_expired')
  })

  test('another state, another browser, none at all, or eleven minutes later', async () => {
    await staffAtBoth()
    const { location, cookie } = await begin()
    const query = await provider.visit(location)
    const other = await begin()
    assert.equal(await problemCode(await end(other.cookie, query)), 'provider_expired')
    assert.equal(await problemCode(await end('', query)), 'provider_expired')
    const forged = new URLSearchParams(query)
    forged.set('state', 'A'.repeat(43))
    assert.equal(await problemCode(await end(cookie, forged.toString())), 'provider_expired')
    assert.equal(await problemCode(await end(cookie, `${query}&state=twice`)), 'provider_expired')
    await stage.owner.query(`update provider_visit set expires_at = now() - interval '1 minute'`)
    assert.equal(await problemCode(await end(cookie, query)), 'provider_expired')
  })

  test('an answer in another issuer’s name, or in nobody’s (RFC 9207)', async () => {
    await staffAtBoth()
    for (const iss of ['https://evil.example', `${provider.issuer}/`, null]) {
      const { location, cookie } = await begin()
      const query = new URLSearchParams(await provider.visit(location))
      if (iss === null) query.delete('iss')
      else query.set('iss', iss)
      assert.equal(await problemCode(await end(cookie, query.toString())), 'provider_failed')
    }
  })

  test('another nonce; an ID token for somebody else, from somebody else, too old, of tomorrow, without a signature', async () => {
    await staffAtBoth()
    const now = Math.floor(Date.now() / 1000)
    for (const change of [
      { nonce: 'another' },
      { nonce: undefined },
      { aud: 'another-client' },
      { aud: [CLIENT.client_id, 'another'], azp: 'another' },
      { iss: 'https://evil.example' },
      { exp: now - 120 },
      { exp: undefined },
      { nbf: now + 600 },
      { sub: undefined }
    ]) {
      provider.twist = (claims, sign) => sign({ ...claims, ...change })
      assert.equal(await codeOf(), 'provider_failed', JSON.stringify(change))
    }
    provider.twist = (claims) => new UnsecuredJWT(claims).encode()
    assert.equal(await codeOf(), 'provider_failed', 'alg none')
    const stranger = await generateKeyPair('RS256')
    provider.twist = (claims) =>
      new SignJWT(claims).setProtectedHeader({ alg: 'RS256' }).sign(stranger.privateKey)
    assert.equal(await codeOf(), 'provider_failed', 'another key')
    const secret = new TextEncoder().encode(CLIENT.client_secret)
    provider.twist = (claims) => new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(secret)
    assert.equal(await codeOf(), 'provider_failed', 'the client’s own secret')
    provider.twist = async (claims, sign) => {
      const [head, , tail] = (await sign(claims)).split('.')
      const body = Buffer.from(JSON.stringify({ ...claims, sub: 'boss' })).toString('base64url')
      return `${head}.${body}.${tail}`
    }
    assert.equal(await codeOf(), 'provider_failed', 'changed on the way')
    provider.twist = null
    assert.equal((await signIn()).answer.status, 200)
  })

  test('clocks may differ by a minute, not by more', async () => {
    await staffAtBoth()
    const now = Math.floor(Date.now() / 1000)
    provider.twist = (claims, sign) => sign({ ...claims, iat: now + 40, nbf: now + 40, exp: now + 100 })
    assert.equal((await signIn()).answer.status, 200)
    provider.twist = (claims, sign) => sign({ ...claims, iat: now - 400, exp: now - 40 })
    assert.equal((await signIn()).answer.status, 200)
    provider.twist = (claims, sign) => sign({ ...claims, iat: now - 400, exp: now - 90 })
    assert.equal(await codeOf(), 'provider_failed')
  })

  test('keys that the provider changed are known at once; the old ones are nothing any more', async () => {
    await staffAtBoth()
    assert.equal((await signIn()).answer.status, 200)
    let old = ''
    provider.twist = async (claims, sign) => (old = await sign(claims))
    await signIn()
    await provider.rotate()
    provider.twist = null
    assert.equal((await signIn()).answer.status, 200)
    provider.twist = () => old
    assert.equal(await codeOf(), 'provider_failed')
  })

  test('somebody says no at the provider', async () => {
    const { location, cookie } = await begin()
    const state = new URL(location).searchParams.get('state')
    const said = new URLSearchParams({ error: 'access_denied', state: state ?? '', iss: provider.issuer })
    assert.equal(await problemCode(await end(cookie, said.toString())), 'provider_denied')
    // Without a visit of ours the same words are nobody's.
    assert.equal(await problemCode(await end(cookie, said.toString())), 'provider_expired')
  })
})
