/** The setting of the provider, and a try of it. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { call, problemCode } from '../support/functions.ts'
import { CLIENT } from '../support/oidc-provider.ts'
import { type Setting, setOidcStage } from '../support/oidc-stage.ts'

const {
  SETTING,
  provider,
  stage,
  auth,
  admin,
  boss,
  bossCookie,
  post,
  save,
  staffAtBoth,
  begin,
  end,
  lastAct
} = await setOidcStage()

const noCertificates = spawnSync('openssl', ['version']).status === 0 ? false : 'no openssl on this machine'

/** A key and a certificate that it signed itself. */
function ownCertificate(): { key: Buffer; cert: Buffer } {
  const folder = mkdtempSync(join(tmpdir(), 'portico-certificate-'))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const wish = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', '/CN=127.0.0.1']
  spawnSync('openssl', [...wish, '-keyout', key, '-out', cert])
  try {
    return { key: readFileSync(key), cert: readFileSync(cert) }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

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

  const DOCUMENT = '/.well-known/openid-configuration'
  const verdictOn = async (more: object) => {
    const body = { issuer: provider.issuer, client_id: CLIENT.client_id, ...more }
    const answer = await call(admin, 'POST', '/identity-provider/test', { cookie: bossCookie, body })
    return ((await answer.json()) as { verdict: string }).verdict
  }

  test('a provider that does not know PKCE with S256 is told apart; one that does not say is tried', async () => {
    const json = (await (await fetch(provider.issuer + DOCUMENT)).json()) as Record<string, unknown>
    assert.ok(Array.isArray(json.code_challenge_methods_supported))
    provider.faults.set(DOCUMENT, { json: { ...json, code_challenge_methods_supported: ['plain'] } })
    assert.equal(await verdictOn({}), 'no_pkce')
    provider.faults.set(DOCUMENT, { json: { ...json, code_challenge_methods_supported: undefined } })
    assert.equal(await verdictOn({}), 'fine')
    provider.faults.set(DOCUMENT, { json: { ...json, response_types_supported: ['id_token'] } })
    assert.equal(await verdictOn({}), 'no_code_flow')
  })

  test(
    'a certificate that nobody has signed is said to be the trouble',
    { skip: noCertificates },
    async () => {
      const server = createServer(ownCertificate(), (_, response) => response.end('{}'))
      await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
      const at = server.address()
      const issuer = `https://127.0.0.1:${typeof at === 'object' ? at?.port : 0}`
      try {
        assert.equal(await verdictOn({ issuer, client_secret: 'x' }), 'tls')
      } finally {
        server.close()
      }
    }
  )

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
