/** What a function is given where nobody but a test calls it, and calls that show how it begins and ends. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { type ClientRequest, request } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { jobKey } from '../../functions/_shared/auth/job-key.ts'
import { signJobToken } from '../../functions/_shared/auth/job-token.ts'
import { type FunctionSpec, readStack } from '../../infra/runner/stack.ts'
import { testDatabase } from './database.ts'

export const specs = readStack(new URL('../../stack.yml', import.meta.url), {})

const signingKey = randomBytes(32)
const nowhere = JSON.stringify({
  endpoint: 'http://127.0.0.1:9',
  public_endpoint: 'http://localhost:8480',
  region: 'us-east-1',
  access_key_id: 'nobody',
  secret_access_key: 'nothing'
})

/** Secrets by their names: a database of the test file's own, a store that is not there. */
export async function testSecrets(): Promise<Record<string, string>> {
  const database = await testDatabase()
  return {
    'db-app': database.url('portico_app'),
    'db-intake': database.url('portico_intake'),
    'db-pipeline': database.url('portico_pipeline'),
    'store-app': nowhere,
    'store-download': nowhere,
    'store-drops': nowhere,
    'store-clock': nowhere,
    'intake-token': 'the-token',
    'edge-token': 'the-edge-token',
    'sms-gateway': '{}',
    'job-signing-key': signingKey.toString('base64'),
    'data-key': randomBytes(32).toString('base64'),
    ...Object.fromEntries(
      specs.map(({ name }) => [`job-key-${name}`, Buffer.from(jobKey(signingKey, name)).toString('base64')])
    )
  }
}

/** What stack.yml gives it, and nothing else. Throws for a secret that nobody has. */
export function secretsOf(spec: FunctionSpec, all: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    spec.secrets.map((name) => {
      assert.ok(all[name], `${spec.name} asks for the secret ${name}`)
      return [name, all[name] ?? '']
    })
  )
}

/** Waits until it says that it is ready. Throws with what it said when it ends before, or takes longer than `seconds`. */
export async function ready(
  url: string,
  seconds: number,
  hasEnded: () => boolean,
  said: () => string
): Promise<void> {
  for (const deadline = Date.now() + seconds * 1000; Date.now() < deadline && !hasEnded(); await wait(20)) {
    const answer = await fetch(`${url}/_/ready`).catch(() => null)
    if (answer?.status === 200) return
  }
  assert.fail(`it did not become ready:\n${said()}`)
}

/** A POST whose body is half sent: it is in the function's hands and not yet answered. */
export function halfSent(
  url: string,
  headers: Record<string, string>
): { rest: ClientRequest; status: Promise<number> } {
  const rest = request(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers } })
  const status = new Promise<number>((resolve, reject) => {
    rest.on('response', (answer) => {
      answer.resume()
      resolve(answer.statusCode ?? 0)
    })
    rest.on('error', reject)
  })
  rest.write('{"email":')
  return { rest, status }
}

/** A call of the function that waits for its body. Others answer before they read it: they have nothing to drain. */
export async function callOf(
  spec: FunctionSpec
): Promise<{ path: string; headers: Record<string, string> } | null> {
  if (spec.name === 'auth') return { path: '/sign-in', headers: {} }
  if (spec.name === 'intake') return { path: '/', headers: { authorization: 'Bearer the-token' } }
  if (spec.is_public) return null
  const token = await signJobToken(signingKey, spec.name, 'a-job', 30)
  return { path: '/', headers: { authorization: `Bearer ${token}` } }
}
