/** Each function of stack.yml, started as its container would be. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { type ClientRequest, request } from 'node:http'
import { after, before, describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { jobKey } from '../../functions/_shared/auth/job-key.ts'
import { signJobToken } from '../../functions/_shared/auth/job-token.ts'
import { type FunctionSpec, readStack } from '../../infra/runner/stack.ts'
import { type Container, hasBubblewrap, startContainer } from '../support/container.ts'
import { testDatabase } from '../support/database.ts'

const FUNCTIONS = new URL('../../functions/', import.meta.url)
const specs = readStack(new URL('../../stack.yml', import.meta.url), {})
const database = await testDatabase()

const signingKey = randomBytes(32)
const store = JSON.stringify({
  endpoint: 'http://127.0.0.1:9',
  public_endpoint: 'http://localhost:8480',
  region: 'us-east-1',
  access_key_id: 'nobody',
  secret_access_key: 'nothing'
})
const SECRETS: Record<string, string> = {
  'db-app': database.url('portico_app'),
  'db-intake': database.url('portico_intake'),
  'db-pipeline': database.url('portico_pipeline'),
  'store-app': store,
  'store-download': store,
  'store-clock': store,
  'intake-token': 'the-token',
  'edge-token': 'the-edge-token',
  'sms-gateway': '{}',
  'job-signing-key': signingKey.toString('base64'),
  'data-key': randomBytes(32).toString('base64')
}

for (const { name } of specs)
  SECRETS[`job-key-${name}`] = Buffer.from(jobKey(signingKey, name)).toString('base64')

/** What stack.yml gives it, and nothing else. Throws for a secret that nobody has. */
function secretsOf(spec: FunctionSpec): Record<string, string> {
  return Object.fromEntries(
    spec.secrets.map((name) => {
      assert.ok(SECRETS[name], `${spec.name} asks for the secret ${name}`)
      return [name, SECRETS[name] ?? '']
    })
  )
}

const running: Container[] = []
after(() => Promise.all(running.map((one) => one.remove())))

async function start(spec: FunctionSpec): Promise<Container> {
  const container = await startContainer(spec, secretsOf(spec))
  running.push(container)
  return container
}

async function ready(container: Container): Promise<void> {
  for (const deadline = Date.now() + 20_000; Date.now() < deadline; await wait(20)) {
    const answer = await fetch(`${container.url}/_/ready`).catch(() => null)
    if (answer?.status === 200) return
    if (container.process.exitCode !== null) break
  }
  assert.fail(`it did not become ready:\n${container.log()}`)
}

/** A POST whose body is half sent: it is in the function's hands and not yet answered. */
function halfSent(
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
async function callOf(spec: FunctionSpec): Promise<{ path: string; headers: Record<string, string> } | null> {
  if (spec.name === 'auth') return { path: '/sign-in', headers: {} }
  if (spec.name === 'intake') return { path: '/', headers: { authorization: 'Bearer the-token' } }
  if (spec.is_public) return null
  const token = await signJobToken(signingKey, spec.name, 'a-job', 30)
  return { path: '/', headers: { authorization: `Bearer ${token}` } }
}

test('every function folder is on the bell board, and nothing else is', () => {
  const folders = readdirSync(FUNCTIONS).filter((name) =>
    existsSync(new URL(`${name}/handler.ts`, FUNCTIONS))
  )
  assert.deepEqual(specs.map((spec) => spec.name).toSorted(), folders.toSorted())
  assert.ok(specs.length <= 15, 'OpenFaaS CE deploys no more')
})

test('functions that read strangers’ bytes are given no credentials', () => {
  for (const spec of specs.filter((one) => ['scan', 'preview', 'archive', 'watermark'].includes(one.name)))
    assert.deepEqual(spec.secrets, [`job-key-${spec.name}`], spec.name)
})

for (const spec of specs)
  describe(spec.name, () => {
    let container: Container
    before(async () => {
      container = await start(spec)
      await ready(container)
    })

    test('starts with its own folder, its own secrets and a read-only root; answers health and readiness', async (t) => {
      if (!hasBubblewrap) t.diagnostic('no bubblewrap: the root could be written')
      assert.equal((await fetch(`${container.url}/_/health`)).status, 200)
      const call = await fetch(`${container.url}/no-such-thing`, { method: 'POST' })
      await call.text()
      assert.ok(call.status >= 400 && call.status < 500, `a stranger is refused, not ${call.status}`)
    })

    test('SIGTERM lets the call under way end, then it exits with 0', async () => {
      const call = await callOf(spec)
      const open = call && halfSent(container.url + call.path, call.headers)
      if (open) await wait(150)
      terminate(container)
      if (open) {
        await wait(250)
        assert.equal(container.process.exitCode, null, 'it waits for the call')
        open.rest.end('"x"}')
        const status = await open.status
        assert.ok(status >= 200 && status < 600, `answered ${status}`)
      }
      assert.deepEqual(await container.exited, { code: 0, signal: null }, container.log())
    })
  })

/** bubblewrap does not pass signals on: the function is its child. */
function terminate(container: Container): void {
  const pid = container.process.pid ?? 0
  const children = hasBubblewrap ? childrenOf(pid) : [pid]
  for (const child of children) process.kill(child, 'SIGTERM')
}

function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((other) => parentOf(other) === pid)
}

function parentOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
  } catch {
    return 0
  }
}
