/** Sensitive acts are proved at the provider. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { cookieOf, problemCode } from '../support/functions.ts'
import { setOidcStage } from '../support/oidc-stage.ts'

const { provider, stage, save, staffAtBoth, begin, end, signIn, sessionOf } = await setOidcStage()

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
