/** Passwords switched off for staff: what still opens the door, and how they come back. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Account } from '../../functions/_shared/contract/account.ts'
import { newAuthenticator } from '../support/authenticator.ts'
import { call, cookieOf, problemCode } from '../support/functions.ts'
import { CLIENT } from '../support/oidc-provider.ts'
import { PASSWORD, setOidcStage } from '../support/oidc-stage.ts'

const {
  SETTING,
  provider,
  stage,
  auth,
  admin,
  boss,
  hash,
  address,
  post,
  save,
  knownThere,
  staffAtBoth,
  signIn,
  lastAct,
  bossByProvider
} = await setOidcStage()
const { unseal } = await import('../../functions/_shared/auth/sealed.ts')

type Asked = { options: { challenge: string; user?: { id: string } } }

describe('passwords off for staff', () => {
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

  test('an invitation opens with no password for staff, and stays good for who comes by the provider; for clients it opens', async () => {
    const { cookie } = await bossByProvider()
    assert.equal((await save(off, cookie)).status, 200)
    const accepted = async (staff_role: 'staff' | null) => {
      const email = `new-${crypto.randomUUID()}@example.org`
      const invited = await call(admin, 'POST', '/invitations', {
        cookie,
        body: { email, name: 'Nina Neu', locale: 'de', ...(staff_role && { staff_role }) }
      })
      assert.equal(invited.status, 201, await invited.clone().text())
      const { rows } = await stage.owner.query<{ data: { link_id: string; link: string } }>(
        `select j.data from job j join person p on p.id = (j.data->>'person_id')::uuid
          where j.data->>'template' = 'invitation' and p.email = $1`,
        [email]
      )
      const sealed = rows[0]?.data
      assert.ok(sealed)
      const secret = new URL((await unseal(sealed.link)).text).hash.slice(1)
      const body = { secret, name: 'Nina Neu', password: 'sieben Schafe tanzen leise', locale: 'de' }
      const answer = await call(auth, 'POST', `/invitations/${sealed.link_id}/accept`, {
        body,
        address: address()
      })
      return { answer, email }
    }
    const staff = await accepted('staff')
    assert.equal(await problemCode(staff.answer), 'provider_only')
    assert.equal(cookieOf(staff.answer), null)
    const kept = await stage.owner.query<{ password_hash: string | null }>(
      'select password_hash from person where email = $1',
      [staff.email]
    )
    assert.equal(kept.rows[0]?.password_hash, null)
    knownThere({ email: staff.email, roles: ['portico-staff'] })
    assert.equal((await signIn()).answer.status, 200)
    assert.equal((await accepted(null)).answer.status, 200)
  })

  test('a passkey alone opens the door to clients, and to staff not while passwords are off', async () => {
    const withPasskey = async (staff_role: 'staff' | null) => {
      const person = await stage.seedPerson({ staff_role, password_hash: hash })
      const own = await stage.signIn(person)
      const device = newAuthenticator()
      const { options } = (await (await post('/passkeys/options', own, undefined)).json()) as Asked
      const added = await post('/passkeys', own, { name: 'Laptop', credential: device.make(options) })
      assert.equal(added.status, 201)
      return async () => {
        const asked = await post('/passkeys/sign-in/options', '', undefined)
        const { options: question } = (await asked.json()) as Asked
        return post('/passkeys/sign-in', cookieOf(asked) ?? '', { credential: device.show(question) })
      }
    }
    const [staff, client] = [await withPasskey('staff'), await withPasskey(null)]
    assert.equal((await staff()).status, 200, 'before')
    const { cookie } = await bossByProvider()
    assert.equal((await save(off, cookie)).status, 200)
    const refused = await staff()
    assert.equal(await problemCode(refused), 'passkey_failed')
    assert.ok(!refused.headers.getSetCookie().some((line) => line.startsWith('portico=')))
    assert.equal((await client()).status, 200)
    assert.equal((await save(same)).status, 200)
    assert.equal((await staff()).status, 200, 'switched on again')
  })

  test('the page of a person says that only the provider lets them in, and that it was the provider who locked them', async () => {
    const { cookie } = await bossByProvider()
    const said = async (id: string) => {
      const { active, shut_by_provider, provider_only } = (await (
        await call(admin, 'GET', `/people/${id}`, { cookie })
      ).json()) as Account
      return { active, shut_by_provider, provider_only }
    }
    const { person, subject } = await staffAtBoth()
    assert.equal((await signIn()).answer.status, 200)
    assert.deepEqual(await said(person.id), { active: true, shut_by_provider: false, provider_only: false })
    assert.equal((await save(off, cookie)).status, 200)
    assert.deepEqual(await said(person.id), { active: true, shut_by_provider: false, provider_only: true })
    const client = await stage.seedPerson({ password_hash: hash })
    assert.equal((await said(client.id)).provider_only, false)

    provider.accounts.set(subject, { email: person.email, email_verified: true, roles: [] })
    provider.login = { account: subject }
    await signIn()
    assert.deepEqual(await said(person.id), { active: false, shut_by_provider: true, provider_only: true })
    // Opened and locked again by a person: it is theirs from now on.
    const change = (active: boolean) =>
      call(admin, 'PATCH', `/people/${person.id}`, { cookie, body: { active } })
    assert.equal((await change(true)).status, 200)
    assert.equal((await change(false)).status, 200)
    assert.equal((await said(person.id)).shut_by_provider, false)
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
