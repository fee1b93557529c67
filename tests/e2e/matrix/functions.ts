/** The functions of stack.yml that people must not call: out of reach through the edge, and deaf without their own token. */
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { signJobToken } from '../../../functions/_shared/auth/job-token.ts'
import { readStack } from '../../../infra/runner/stack.ts'
import { type Ground, forAll, send } from './ground.ts'

const specs = readStack(new URL('../../../stack.yml', import.meta.url), {})
const inner = specs.filter((one) => !one.is_public).map((one) => one.name)
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']

export function functionTests({ ask, inside, world }: Ground): void {
  test('no function that is not public is reached through the edge, by anybody, on any path', async () => {
    const wrong: string[] = []
    const cookies = [
      '',
      ...world.roles.filter((one) => one.staff_role === 'administrator').map((one) => one.cookie)
    ]
    const paths = inner.flatMap((name) => [
      `/api/v1/${name}`,
      `/api/v1/${name}/`,
      `/api/v1/${name}/_/health`,
      `/api/v1/documents/../${name}`,
      `/api/v1/documents/%2e%2e/${name}`,
      `/api/v1/documents/..%2f${name}`,
      `/api/v1/documents\\..\\${name}`,
      `/api/v1//${name}`,
      `/api/v1/${name.toUpperCase()}`,
      `/function/${name}`,
      `/async-function/${name}`,
      `/api/v1/../../function/${name}`
    ])
    const more = [
      '/system/functions',
      '/api/v1/system/functions',
      '/healthz',
      '/api/v1/',
      '/api/v2/documents'
    ]
    const cases = [...paths, ...more].flatMap((path) => METHODS.map((method) => ({ path, method })))
    await forAll(cases, async ({ path, method }) => {
      for (const cookie of cookies) {
        const answer = await ask(method, path, {
          cookie,
          headers: { 'content-type': 'application/json' },
          body: '{}'
        })
        // Pages that are not there are the web's answer, for whoever is not signed in the way to the door.
        const isDoor = answer.status === 303 && (answer.headers.location ?? '').startsWith('/sign-in')
        if (![400, 403, 404, 405].includes(answer.status) && !isDoor)
          wrong.push(`${method} ${path}: ${answer.status}`)
      }
    })
    assert.deepEqual(wrong, [])
  })

  test('each of them refuses whoever brings no token, another function’s, or one that is made up or over', async () => {
    const key = new Uint8Array(Buffer.from(inside.read('job-signing-key'), 'base64'))
    const gateway = `http://127.0.0.1:${inside.ports.gateway}`
    const wrong: string[] = []
    for (const name of inner) {
      const other = inner.find((one) => one !== name && one !== 'intake') ?? ''
      const tokens = [
        null,
        'x',
        inside.read('intake-token') + 'x',
        // A password of another door.
        inside.read('edge-token'),
        await signJobToken(key, other, 'a-job', 30),
        await signJobToken(key, name, 'a-job', -3600),
        await signJobToken(
          key.map((byte) => byte ^ 1),
          name,
          'a-job',
          30
        ),
        unsigned(name),
        selfSigned(name)
      ]
      for (const token of tokens) {
        const headers: Record<string, string> = { 'content-type': 'application/json' }
        if (token !== null) headers.authorization = `Bearer ${token}`
        const answer = await send('POST', gateway, `/function/${name}`, { headers, body: '{}' })
        if (answer.status !== 401 && answer.status !== 403)
          wrong.push(`${name} with ${token?.slice(0, 12)}: ${answer.status}`)
      }
    }
    assert.deepEqual(wrong, [])
  })

  test('the gateway tells strangers nothing of its functions', async () => {
    const gateway = `http://127.0.0.1:${inside.ports.gateway}`
    for (const authorization of ['', `Basic ${btoa('admin:')}`, `Basic ${btoa('admin:admin')}`]) {
      const answer = await send('GET', gateway, '/system/functions', { headers: { authorization } })
      assert.equal(answer.status, 401)
    }
  })
}

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
const claims = (aud: string) => {
  const now = Math.floor(Date.now() / 1000)
  return part({ iss: 'portico', aud, sub: 'a-job', iat: now, exp: now + 60 })
}
const unsigned = (aud: string) => `${part({ alg: 'none' })}.${claims(aud)}.`
/** Signed with what everybody knows: the function's name. */
function selfSigned(aud: string): string {
  const text = `${part({ alg: 'HS256' })}.${claims(aud)}`
  return `${text}.${createHmac('sha256', aud).update(text).digest('base64url')}`
}
