/** Who gets in by the provider, and what happens while it is away. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ImportResult } from '../../functions/_shared/contract/import.ts'
import type { SignInAffected, SignInSettings } from '../../functions/_shared/contract/person.ts'
import { EDGE_TOKEN, ORIGIN, call, cookieOf, problemCode } from '../support/functions.ts'
import type { Account } from '../support/oidc-provider.ts'
import { PASSWORD, setOidcStage } from '../support/oidc-stage.ts'

const {
  provider,
  stage,
  auth,
  admin,
  boss,
  bossCookie,
  hash,
  address,
  post,
  save,
  knownThere,
  staffAtBoth,
  begin,
  end,
  signIn,
  codeOf,
  sessionOf,
  personRow,
  lastAct,
  count
} = await setOidcStage()

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

describe('who came in by the provider only', () => {
  /** An administrator without a password, and their session. */
  async function administratorByProvider() {
    await save({ creates_accounts: true })
    const email = `by-provider-${crypto.randomUUID()}@example.org`
    const subject = knownThere({ email, name: 'Vera Kant', roles: ['portico-admin'] })
    const cookie = cookieOf((await signIn()).answer) ?? ''
    const { id } = (await sessionOf(cookie)).person
    return { id, email, subject, cookie }
  }
  const wayIn = (id: string, cookie: string) => call(admin, 'POST', `/people/${id}/way-in`, { cookie })
  const openFor = (id: string) =>
    count(`select count(*) from way_in where person_id = '${id}' and withdrawn_at is null`)

  test('counts as joined: an import leaves name and mailbox alone, and the export says joined', async () => {
    const { id, email } = await administratorByProvider()
    const headers = {
      'content-type': 'text/csv',
      origin: ORIGIN,
      cookie: bossCookie,
      'x-portico-edge-token': EDGE_TOKEN,
      'x-portico-client-address': '198.51.100.7'
    }
    const body = `Name;E-Mail;Rolle\nSomebody Else;${email};Administrator\n`
    const imported = await admin.fetch(
      new Request('http://function.local/imports?invite=true', { method: 'POST', headers, body })
    )
    const { sums } = (await imported.json()) as ImportResult
    assert.deepEqual([sums.changed, sums.invitations], [0, 0])
    const { rows } = await stage.owner.query<{ name: string; links: number }>(
      `select name, (select count(*)::int from one_time_link l where l.person_id = p.id) as links from person p where id = $1`,
      [id]
    )
    assert.deepEqual(rows, [{ name: 'Vera Kant', links: 0 }])
    const table = await (await call(admin, 'GET', '/people.csv', { cookie: bossCookie })).text()
    const line = table.split('\r\n').find((one) => one.includes(email)) ?? ''
    assert.match(line, /,joined,/)
  })

  test('is told of a way in that waits for a second pair of eyes, and counted among the administrators', async () => {
    const { id } = await administratorByProvider()
    const settings = await call(admin, 'GET', '/sign-in', { cookie: bossCookie })
    const { administrators } = (await settings.json()) as SignInSettings
    assert.equal(
      administrators,
      await count(`select count(*) from person where staff_role = 'administrator'
      and joined_at is not null and valid_until > now()`)
    )
    const locked_out = await stage.seedPerson({ password_hash: hash })
    await stage.owner.query('update firm set way_in_four_eyes = true')
    assert.equal((await wayIn(locked_out.id, bossCookie)).status, 201)
    await stage.owner.query('update firm set way_in_four_eyes = false')
    const told = `select count(*) from job where data->>'template' = 'way_in_confirm' and data->>'person_id' = '${id}'`
    assert.equal(await count(told), 1)
  })

  test('is concerned by the rule of second factors, unless the provider has always asked for them', async () => {
    const { id } = await administratorByProvider()
    const asked = async () => {
      const body = {
        second_factor_for: 'everybody',
        second_factor_days: 3,
        email_codes: false,
        sms_codes: false,
        way_in_four_eyes: false
      }
      const answer = await call(admin, 'POST', '/sign-in/preview', { cookie: bossCookie, body })
      return ((await answer.json()) as SignInAffected).people.some((one) => one.id === id)
    }
    assert.equal(await asked(), false)
    await save({ factors: 'own' })
    assert.equal(await asked(), true)
  })

  test('whom the provider takes the role from, or locks, leaves no code behind', async () => {
    for (const roles of [['portico-staff'], []]) {
      const { id, subject, cookie } = await administratorByProvider()
      const locked_out = await stage.seedPerson({ password_hash: hash })
      assert.equal((await wayIn(locked_out.id, cookie)).status, 201)
      assert.equal((await wayIn(id, bossCookie)).status, 201)
      provider.accounts.set(subject, { ...provider.accounts.get(subject), roles })
      await signIn()
      assert.equal(await openFor(locked_out.id), 0, roles.join())
      // What others gave them goes with the lock.
      assert.equal(await openFor(id), roles.length)
      assert.match(await lastAct('way_in.withdrawn'), /"actor_id":null/)
    }
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
    const before = await stage.signIn(person)
    const after = cookieOf((await signIn()).answer) ?? ''
    assert.equal((await personRow(person.id))?.staff_role, 'administrator')
    assert.equal((await call(auth, 'GET', '/session', { cookie: before })).status, 401, 'it rose')
    assert.equal((await sessionOf(after)).person.staff_role, 'administrator')
    provider.accounts.set(subject, { ...provider.accounts.get(subject), roles: ['portico-auditor'] })
    await signIn()
    assert.equal((await personRow(person.id))?.staff_role, 'auditor')
    assert.equal((await call(auth, 'GET', '/session', { cookie: after })).status, 200, 'it fell')
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
