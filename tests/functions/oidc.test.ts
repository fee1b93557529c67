import assert from 'node:assert/strict'
import { after, beforeEach, describe, test } from 'node:test'
import { UnsecuredJWT, generateKeyPair, SignJWT } from 'jose'
import { call, cookieOf, problemCode, setStage } from '../support/functions.ts'
import { type Account, CLIENT, startProvider } from '../support/oidc-provider.ts'

const provider = await startProvider(['http://localhost:8480/sign-in/provider/back'])
after(() => provider.stop())
const stage = await setStage({ env: { OUTGOING_ALLOW: '127.0.0.1' } })
const auth = await stage.handler('auth')
const admin = await stage.handler('admin')
const { hashPassword } = await import('../../functions/_shared/auth/password.ts')

const PASSWORD = 'ein Pferd frisst Gurkensalat'
const hash = await hashPassword(PASSWORD)

const SETTING = {
  enabled: true,
  name: 'Kanzlei-Konto',
  issuer: provider.issuer,
  client_id: CLIENT.client_id,
  client_secret: CLIENT.client_secret as string | undefined,
  scopes: '',
  role_claim: 'roles',
  roles: {
    administrator: ['portico-admin'],
    staff: ['portico-staff', 'anwalt'],
    assistant: ['portico-assistant'],
    auditor: ['portico-auditor']
  },
  factors: 'always',
  factor_values: [] as string[],
  trusts_email: false,
  creates_accounts: false,
  passwords_off: false
}
type Setting = typeof SETTING

let nextAddress = 0
const address = () => `192.0.2.${(nextAddress += 1) % 250}`
const post = (path: string, cookie: string, body: unknown) =>
  call(auth, 'POST', path, { body, cookie, address: address() })

const boss = await stage.seedPerson({ staff_role: 'administrator', password_hash: hash })
const bossCookie = await stage.signIn(boss)
const save = (more: Partial<Setting> = {}, cookie = bossCookie) =>
  call(admin, 'PATCH', '/identity-provider', { cookie, body: { ...SETTING, ...more } })

beforeEach(async () => {
  provider.faults.clear()
  provider.twist = null
  assert.equal((await save()).status, 200)
})

let nextSubject = 0
/** Somebody at the provider, who signs in next. */
function knownThere(account: Account, login: { acr?: string; amr?: string[] } = {}): string {
  const subject = `sub-${(nextSubject += 1)}`
  provider.accounts.set(subject, { email_verified: true, name: 'Dr. Anna Fink', ...account })
  provider.login = { account: subject, ...login }
  return subject
}

/** Staff here, and the same address with a role there. */
async function staffAtBoth(roles = ['portico-staff'], wish: { staff_role?: 'staff' | 'administrator' } = {}) {
  const person = await stage.seedPerson({ staff_role: 'staff', password_hash: hash, ...wish })
  return { person, subject: knownThere({ email: person.email, roles }) }
}

async function begin(cookie = '', body: object = {}) {
  const answer = await post('/provider/begin', cookie, body)
  assert.equal(answer.status, 200, await answer.clone().text())
  const { location } = (await answer.json()) as { location: string }
  return { location, cookie: [cookie, cookieOf(answer) ?? ''].filter(Boolean).join('; ') }
}
const end = (cookie: string, query: string) => post('/provider/end', cookie, { query })

/** To the provider and back. */
async function signIn(body: object = {}) {
  const { location, cookie } = await begin('', body)
  const query = await provider.visit(location)
  return { answer: await end(cookie, query), query, cookie, location }
}
const codeOf = async () => problemCode((await signIn()).answer)

const sessionOf = async (cookie: string) =>
  (await (await call(auth, 'GET', '/session', { cookie })).json()) as {
    person: { id: string; email: string; staff_role: string; name: string; locale: string }
    next: string
    proofs: string[]
    proof_due: boolean
  }
const personRow = async (id: string) =>
  (
    await stage.owner.query<{ staff_role: string; active: boolean }>(
      'select staff_role, valid_until > now() as active from person where id = $1',
      [id]
    )
  ).rows[0]
const lastAct = async (action: string) =>
  (
    await stage.owner.query<{ body: string }>(
      `select convert_from(body, 'UTF8') as body from audit where action = $1 order by seq desc limit 1`,
      [action]
    )
  ).rows[0]?.body ?? ''
const count = async (sql: string) => Number((await stage.owner.query<{ count: string }>(sql)).rows[0]?.count)

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

describe('a provider that is away', () => {
  test('in the middle of a sign-in: a clear answer, nothing is half made, and the next try is in', async () => {
    const { person } = await staffAtBoth()
    for (const [path, fault] of [
      ['/token', 'down'],
      ['/token', 500],
      ['/token', 'huge'],
      ['/jwks', 'down'],
      ['/jwks', 'huge'],
      ['/me', 'down'],
      ['/me', 500]
    ] as const) {
      provider.faults.set(path, fault)
      const { answer } = await signIn()
      assert.deepEqual([answer.status, await problemCode(answer)], [503, 'provider_away'], `${path} ${fault}`)
      assert.equal(cookieOf(answer), null)
      provider.faults.clear()
    }
    const left = await stage.owner.query('select from identity where person_id = $1', [person.id])
    const sessions = await stage.owner.query('select from session where person_id = $1', [person.id])
    assert.deepEqual(
      [left.rowCount, sessions.rowCount, await count('select count(*) from provider_visit')],
      [0, 0, 0]
    )
    assert.equal((await signIn()).answer.status, 200)
  })

  test('whose token endpoint keeps silent is waited for five seconds', async () => {
    await staffAtBoth()
    provider.faults.set('/token', 'slow')
    const begun = Date.now()
    assert.equal(await codeOf(), 'provider_away')
    const took = Date.now() - begun
    assert.ok(took >= 4_900 && took < 14_000, `${took} ms`)
  })

  test('before a sign-in begins: the same words', async () => {
    const { discover } = await import('../../functions/_shared/auth/oidc.ts')
    provider.faults.set('/.well-known/openid-configuration', 'down')
    await assert.rejects(discover(provider.issuer, true))
    await save({ issuer: 'http://127.0.0.1:1', client_secret: 'x' })
    assert.equal(await problemCode(await post('/provider/begin', '', {})), 'provider_away')
  })
})

describe('who gets in', () => {
  test('nobody without a role there; who had one is locked here, and comes back with it', async () => {
    const { person, subject } = await staffAtBoth()
    const first = await signIn()
    const cookie = cookieOf(first.answer) ?? ''
    const account = provider.accounts.get(subject)
    provider.accounts.set(subject, { ...account, roles: ['something else'] })
    assert.equal(await codeOf(), 'provider_no_role')
    assert.equal((await call(auth, 'GET', '/session', { cookie })).status, 401, 'sessions end')
    const by_password = await call(auth, 'POST', '/sign-in', {
      body: { email: person.email, password: PASSWORD },
      address: address()
    })
    assert.equal(await problemCode(by_password), 'sign_in_failed', 'no other way in is left')
    assert.match(await lastAct('person.deactivated'), /"by":"provider"/)

    provider.accounts.set(subject, { ...account, roles: ['portico-assistant'] })
    const { answer } = await signIn()
    assert.equal((await sessionOf(cookieOf(answer) ?? '')).person.staff_role, 'assistant')
    assert.match(await lastAct('person.role_changed'), /"staff_role":"assistant"/)
  })

  test('the first of several roles counts, and a change there is one here at the next sign-in', async () => {
    const { person, subject } = await staffAtBoth(['portico-auditor', 'portico-admin', 'anwalt'])
    await signIn()
    assert.equal((await personRow(person.id))?.staff_role, 'administrator')
    provider.accounts.set(subject, { ...provider.accounts.get(subject), roles: ['portico-auditor'] })
    await signIn()
    assert.equal((await personRow(person.id))?.staff_role, 'auditor')
  })

  test('the last administrator stays one, and is not locked', async () => {
    const { person, subject } = await staffAtBoth(['portico-admin'], { staff_role: 'administrator' })
    await signIn()
    await stage.owner.query(
      `update person set staff_role = 'staff' where staff_role = 'administrator' and id <> $1`,
      [person.id]
    )
    provider.accounts.set(subject, { ...provider.accounts.get(subject), roles: ['portico-staff'] })
    assert.equal((await signIn()).answer.status, 200)
    assert.deepEqual(await personRow(person.id), { staff_role: 'administrator', active: true })
    provider.accounts.set(subject, { ...provider.accounts.get(subject), roles: [] })
    assert.equal(await codeOf(), 'provider_no_role')
    assert.deepEqual(await personRow(person.id), { staff_role: 'administrator', active: true })
    await stage.owner.query(`update person set staff_role = 'administrator' where id = $1`, [boss.id])
  })

  test('whoever was deactivated meanwhile does not, whatever role they have there', async () => {
    const { person } = await staffAtBoth()
    const { location, cookie } = await begin()
    const query = await provider.visit(location)
    const locked = await call(admin, 'PATCH', `/people/${person.id}`, {
      cookie: bossCookie,
      body: { active: false }
    })
    assert.equal(locked.status, 200)
    assert.equal(await problemCode(await end(cookie, query)), 'provider_refused')
    assert.equal((await personRow(person.id))?.active, false)
  })

  test('a client with the same address does not: this door is the staff’s', async () => {
    await save({ creates_accounts: true })
    const client = await stage.seedPerson({ password_hash: hash })
    knownThere({ email: client.email, roles: ['portico-admin'] })
    assert.equal(await codeOf(), 'provider_refused')
    assert.equal((await personRow(client.id))?.staff_role, null)
    assert.match(await lastAct('session.failed'), /provider_not_staff/)
  })

  test('an address that the provider does not call verified opens no account, unless the firm trusts it', async () => {
    const person = await stage.seedPerson({ staff_role: 'staff' })
    for (const email_verified of [false, undefined]) {
      knownThere({ email: person.email, email_verified, roles: ['portico-staff'] } as Account)
      assert.equal(await codeOf(), 'provider_unverified')
    }
    await save({ trusts_email: true })
    assert.equal((await signIn()).answer.status, 200)
  })

  test('an address that was given to somebody else there does not lead into the first one’s account', async () => {
    const { person } = await staffAtBoth()
    await signIn()
    knownThere({ email: person.email, roles: ['portico-staff'] })
    assert.equal(await codeOf(), 'provider_refused')
    assert.match(await lastAct('session.failed'), /provider_other_identity/)
  })

  test('who has no account here gets one where the firm allows it, with the role and no password', async () => {
    knownThere({ email: 'Neu.Da@example.org', name: 'Neu Da', roles: ['portico-assistant'] })
    assert.equal(await codeOf(), 'provider_refused')
    await save({ creates_accounts: true })
    const { answer } = await signIn()
    const { person } = await sessionOf(cookieOf(answer) ?? '')
    assert.deepEqual(
      [person.name, person.email, person.staff_role],
      ['Neu Da', 'Neu.Da@example.org', 'assistant']
    )
    const account = (await (
      await call(admin, 'GET', `/people/${person.id}`, { cookie: bossCookie })
    ).json()) as object
    assert.ok('joined' in account && account.joined === true)
    const reset = await call(auth, 'POST', '/reset', { body: { email: person.email }, address: address() })
    assert.equal(reset.status, 202)
    const mails = await stage.owner.query(
      `select from job where data->>'template' = 'reset' and data->>'person_id' = $1`,
      [person.id]
    )
    assert.equal(mails.rowCount, 0, 'there is no password to be forgotten')
  })

  test('an invited colleague comes in without the invitation, which then leads nowhere', async () => {
    const email = `invited-${Date.now()}@example.org`
    const wish = { email, name: 'In Vited', locale: 'de', staff_role: 'staff' }
    assert.equal((await call(admin, 'POST', '/invitations', { cookie: bossCookie, body: wish })).status, 201)
    knownThere({ email, roles: ['portico-staff'] })
    assert.equal((await signIn()).answer.status, 200)
    const open = await stage.owner.query(
      `select from one_time_link l join person p on p.id = l.person_id where p.email = $1 and l.expires_at > now()`,
      [email]
    )
    assert.equal(open.rowCount, 0)
  })
})

describe('the setting', () => {
  const page = async (cookie = bossCookie) =>
    (await (await call(admin, 'GET', '/identity-provider', { cookie })).json()) as {
      provider: Setting & { redirect_uri: string }
      by_provider: boolean
      staff_without: number
    }

  test('is the administrators’, keeps its secret to itself, sealed, and is in the log', async () => {
    const read = await call(admin, 'GET', '/identity-provider', { cookie: bossCookie })
    const text = await read.text()
    assert.ok(!text.includes(CLIENT.client_secret))
    assert.match(text, /"redirect_uri":"http:\/\/localhost:8480\/sign-in\/provider\/back"/)
    const kept = await stage.owner.query<{ client_secret: string }>(
      'select client_secret from identity_provider'
    )
    assert.equal(kept.rows[0]?.client_secret.split('.').length, 5)
    await save({ client_secret: undefined, name: 'Ein anderer Name', trusts_email: true })
    assert.match(await lastAct('provider.changed'), /"fields":"name trusts_email"/)
    const colleague = await stage.signIn(await stage.seedPerson({ staff_role: 'staff' }))
    assert.equal((await save({}, colleague)).status, 403)
    assert.equal((await call(admin, 'GET', '/identity-provider', { cookie: colleague })).status, 403)
  })

  test('asks for a factor again first', async () => {
    const cookie = await stage.signIn(boss)
    await stage.owner.query(`update session set proved_at = now() - interval '1 hour' where person_id = $1`, [
      boss.id
    ])
    assert.equal(await problemCode(await save({}, cookie)), 'proof_needed')
    const test = { issuer: provider.issuer, client_id: 'x', client_secret: 'x' }
    const tried = await call(admin, 'POST', '/identity-provider/test', { cookie, body: test })
    assert.equal(await problemCode(tried), 'proof_needed')
    await stage.owner.query('update session set proved_at = now() where person_id = $1', [boss.id])
  })

  test('a kept secret goes to its own issuer only', async () => {
    for (const answer of [
      await save({ issuer: 'https://evil.example', client_secret: undefined }),
      await call(admin, 'POST', '/identity-provider/test', {
        cookie: bossCookie,
        body: { issuer: 'https://evil.example', client_id: CLIENT.client_id }
      })
    ]) {
      assert.equal(answer.status, 422)
      assert.match(await answer.text(), /"field":"client_secret"/)
    }
    assert.equal((await page()).provider.issuer, provider.issuer)
  })

  test('a try says clearly what is wrong, and finds the kept secret right', async () => {
    const tried = async (more: object = {}) => {
      const body = { issuer: provider.issuer, client_id: CLIENT.client_id, ...more }
      const answer = await call(admin, 'POST', '/identity-provider/test', { cookie: bossCookie, body })
      return ((await answer.json()) as { verdict: string }).verdict
    }
    assert.equal(await tried(), 'fine')
    assert.equal(await tried({ client_secret: 'wrong' }), 'wrong_secret')
    assert.equal(await tried({ client_id: 'nobody' }), 'wrong_secret')
    const client_secret = 'x'
    assert.equal(await tried({ issuer: `${provider.issuer}/`, client_secret }), 'other_issuer')
    assert.equal(await tried({ issuer: `${provider.issuer}/realms/none`, client_secret }), 'no_document')
    assert.equal(await tried({ issuer: 'http://127.0.0.1:1', client_secret }), 'unreachable')
    assert.equal(await tried({ issuer: 'http://[::1]:80', client_secret }), 'private_address')
    assert.equal(await tried({ issuer: 'https://169.254.169.254', client_secret }), 'private_address')
    assert.equal(await tried({ issuer: 'https://nobody.invalid', client_secret }), 'unresolved')
    assert.equal(
      await tried({ issuer: provider.issuer.replace('http:', 'https:'), client_secret }),
      'unreachable'
    )
    provider.faults.set('/jwks', 500)
    assert.equal(await tried(), 'no_keys')
    provider.faults.clear()
    provider.faults.set('/.well-known/openid-configuration', 'huge')
    assert.equal(await tried(), 'no_document')
  })

  test('while somebody is at the provider a change sends them back to begin anew', async () => {
    await staffAtBoth()
    const { location, cookie } = await begin()
    const query = await provider.visit(location)
    await save({ roles: { ...SETTING.roles, staff: ['somebody else'] } })
    assert.equal(await problemCode(await end(cookie, query)), 'provider_expired')
  })

  test('switched off, the door is not there', async () => {
    await save({ enabled: false })
    assert.equal((await post('/provider/begin', '', {})).status, 404)
    assert.equal((await post('/provider/end', '', { query: 'code=a&state=b' })).status, 404)
    const plate = (await (await call(auth, 'GET', '/firm')).json()) as { provider: unknown }
    assert.equal(plate.provider, null)
  })
})

describe('passwords off for staff', () => {
  /** An administrator who came in by the provider. */
  async function bossByProvider() {
    const { person, subject } = await staffAtBoth(['portico-admin'], { staff_role: 'administrator' })
    return { person, subject, cookie: cookieOf((await signIn()).answer) ?? '' }
  }
  const same = { client_secret: undefined }
  const off = { ...same, passwords_off: true }
  const isOff = async () =>
    (await stage.owner.query<{ passwords_off: boolean }>('select passwords_off from identity_provider'))
      .rows[0]?.passwords_off

  test('are switched off only by an administrator who came in by the provider as it is set up now', async () => {
    assert.equal(await problemCode(await save(off)), 'provider_first')
    const { cookie } = await bossByProvider()
    await save({ scopes: 'groups' })
    assert.equal(await problemCode(await save({ ...off, scopes: 'groups' }, cookie)), 'provider_first')
    const again = cookieOf((await signIn()).answer) ?? ''
    assert.equal((await save({ ...off, scopes: 'groups', role_claim: 'other' }, again)).status, 409)
    assert.equal(await isOff(), false)
    assert.equal((await save({ ...off, scopes: 'groups' }, again)).status, 200)
    assert.equal(await isOff(), true)
  })

  test('then no password and no passkey alone opens the door to staff, in the same words; clients keep theirs', async () => {
    const staff = await stage.seedPerson({ staff_role: 'staff', password_hash: hash })
    const client = await stage.seedPerson({ password_hash: hash })
    const { cookie } = await bossByProvider()
    assert.equal((await save(off, cookie)).status, 200)
    const tried = (email: string, password = PASSWORD) =>
      call(auth, 'POST', '/sign-in', { body: { email, password }, address: address() })
    const [right, wrong] = await Promise.all([tried(staff.email), tried(staff.email, 'something else')])
    const words = await Promise.all(
      [right, wrong].map(async (answer) => ({ ...((await answer.json()) as object), instance: '' }))
    )
    assert.deepEqual(words[0], words[1])
    assert.equal((await tried(client.email)).status, 200)

    for (const { email } of [staff, client])
      await call(auth, 'POST', '/reset', { body: { email }, address: address() })
    const mailed = await stage.owner.query<{ id: string }>(
      `select data->>'person_id' as id from job where data->>'template' = 'reset' and data->>'person_id' = any($1)`,
      [[staff.id, client.id]]
    )
    assert.deepEqual(
      mailed.rows.map(({ id }) => id),
      [client.id]
    )
    const plate = (await (await call(auth, 'GET', '/firm')).json()) as { provider: unknown }
    assert.deepEqual(plate.provider, { name: 'Kanzlei-Konto', only: true })
  })

  test('whoever runs the machine switches them on again, and the log says so', async () => {
    const { switchPasswordsOn } = await import('../../infra/runner/setup.ts')
    const { cookie } = await bossByProvider()
    assert.equal((await save(off, cookie)).status, 200)
    const url = stage.database.url('portico_owner')
    assert.equal(await switchPasswordsOn(url), true)
    assert.equal(await isOff(), false)
    assert.match(await lastAct('provider.changed'), /"by":"command line"/)
    assert.equal(await switchPasswordsOn(url), false)
    const by_password = { email: boss.email, password: PASSWORD }
    assert.equal(
      (await call(auth, 'POST', '/sign-in', { body: by_password, address: address() })).status,
      200
    )
  })

  test('any change of who gets in switches them on again, until somebody came in by it', async () => {
    for (const change of [
      { client_secret: CLIENT.client_secret },
      { role_claim: 'groups' },
      { roles: { ...SETTING.roles, administrator: ['boss'] } },
      { issuer: 'https://other.example', client_secret: 'x' },
      { enabled: false }
    ]) {
      await save()
      const { cookie } = await bossByProvider()
      assert.equal((await save(off, cookie)).status, 200)
      assert.equal((await save({ ...off, name: 'Neuer Name' }, cookie)).status, 200)
      assert.equal(await isOff(), true, 'a name locks nobody out')
      const changed = await save({ ...off, ...change }, cookie)
      assert.equal(changed.status, 200)
      assert.equal(await isOff(), false, JSON.stringify(change))
    }
  })
})

describe('showing again that it is you', () => {
  const dueNow = (id: string) =>
    stage.owner.query(`update session set proved_at = now() - interval '1 hour' where person_id = $1`, [id])

  test('happens at the provider, which asks anew; the session goes on under a new token', async () => {
    const { person } = await staffAtBoth(['portico-admin'])
    const cookie = cookieOf((await signIn()).answer) ?? ''
    await dueNow(person.id)
    assert.deepEqual((await sessionOf(cookie)).proofs, ['provider'])
    assert.equal(await problemCode(await save({}, cookie)), 'proof_needed')
    const visit = await begin(cookie, { prove: true, next: '/settings' })
    const asked = new URL(visit.location).searchParams
    assert.deepEqual([asked.get('prompt'), asked.get('max_age')], ['login', '0'])
    const answer = await end(visit.cookie, await provider.visit(visit.location))
    assert.deepEqual(await answer.json(), { next: 'done', path: '/settings' })
    const proved = cookieOf(answer) ?? ''
    assert.notEqual(proved, cookie)
    assert.equal((await save({}, proved)).status, 200)
  })

  test('is no proof from somebody else, from an hour ago, in another session, or of one factor', async () => {
    const { person, subject } = await staffAtBoth(['portico-admin'])
    const cookie = cookieOf((await signIn()).answer) ?? ''
    await dueNow(person.id)
    const proving = async () => {
      const visit = await begin(cookie, { prove: true })
      return { ...visit, query: await provider.visit(visit.location) }
    }
    const other = await staffAtBoth()
    const by_other = await proving()
    assert.equal(
      await problemCode(await end(by_other.cookie, by_other.query)),
      'provider_failed',
      other.subject
    )
    provider.login = { account: subject }
    provider.twist = (claims, sign) => sign({ ...claims, auth_time: Math.floor(Date.now() / 1000) - 3_600 })
    const old = await proving()
    assert.equal(await problemCode(await end(old.cookie, old.query)), 'provider_failed')
    provider.twist = (claims, sign) => sign({ ...claims, auth_time: undefined })
    const untold = await proving()
    assert.equal(await problemCode(await end(untold.cookie, untold.query)), 'provider_failed')
    provider.twist = null
    const elsewhere = await proving()
    const visit_only = elsewhere.cookie.split('; ').find((one) => one.startsWith('portico-visit=')) ?? ''
    const mine = await stage.signIn(person)
    assert.equal(await problemCode(await end(`${mine}; ${visit_only}`, elsewhere.query)), 'provider_expired')
    await save({ factors: 'claims', factor_values: ['mfa'] })
    const one = await proving()
    assert.equal(await problemCode(await end(one.cookie, one.query)), 'provider_failed')
    assert.equal((await sessionOf(cookie)).proof_due, true)
  })

  test('a sign-in without asking anew proves nothing new: the provider’s own time counts', async () => {
    await staffAtBoth(['portico-admin'])
    provider.twist = (claims, sign) => sign({ ...claims, auth_time: Math.floor(Date.now() / 1000) - 3_600 })
    const early = cookieOf((await signIn()).answer) ?? ''
    assert.equal((await sessionOf(early)).proof_due, true)
    provider.twist = (claims, sign) => sign({ ...claims, auth_time: undefined })
    assert.equal((await sessionOf(cookieOf((await signIn()).answer) ?? '')).proof_due, true)
    provider.twist = null
    assert.equal((await sessionOf(cookieOf((await signIn()).answer) ?? '')).proof_due, false)
  })
})
