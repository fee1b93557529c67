/** tests/acceptance/openfaas.sh, as somebody runs it against an installation: here the runner's own gateway. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { ApiClient } from '../../infra/demo/api-client.ts'
import { PROJECT } from '../acceptance/main-job.ts'
import { type Stack, startStack } from '../support/stack.ts'

const folder = mkdtempSync(join(tmpdir(), 'portico-acceptance-'))
let stack: Stack
before(async () => {
  stack = await startStack()
})
after(async () => {
  rmSync(folder, { recursive: true, force: true })
  await stack?.stop()
})

function accept(gateway: string, env: Record<string, string>): { status: number | null; said: string } {
  const { status, stdout, stderr } = spawnSync('tests/acceptance/openfaas.sh', [gateway], {
    encoding: 'utf8',
    env: { ...process.env, ...env }
  })
  return { status, said: stdout + stderr }
}

test('the main job passes at a gateway, says each step, and leaves an empty project', async () => {
  const jonas = stack.person('Jonas')
  const [password, totp] = [join(folder, 'password'), join(folder, 'totp')]
  writeFileSync(password, `${jonas.password}\n`, { mode: 0o600 })
  writeFileSync(totp, `${jonas.totp_secret}\n`, { mode: 0o600 })
  const { gateway } = JSON.parse(readFileSync(join(stack.data, 'ports.json'), 'utf8'))
  const env = {
    ORIGIN: stack.origin,
    PORTICO_EMAIL: jonas.email,
    PORTICO_PASSWORD_FILE: password,
    PORTICO_TOTP_FILE: totp
  }
  const { status, said } = accept(`http://127.0.0.1:${gateway}`, env)
  assert.equal(status, 0, said)
  assert.match(said, /ok {6}all of it stands in the log/)
  assert.match(said, /All is well\.\n$/)
  const client = new ApiClient(stack.origin)
  await client.signIn(jonas)
  const { items } = await client.call<{ items: { id: string; name: string }[] }>('GET', '/documents/projects')
  const project = items.find(({ name }) => name === PROJECT)
  assert.ok(project)
  const left = await client.call<{ items: unknown[] }>('GET', `/documents/folders/${project.id}/documents`)
  assert.deepEqual(left.items, [])
})

test('where nobody answers it says so, and fails', () => {
  const file = join(folder, 'password')
  const { status, said } = accept('http://127.0.0.1:9', {
    ORIGIN: stack.origin,
    PORTICO_EMAIL: 'somebody@example.com',
    PORTICO_PASSWORD_FILE: file,
    PORTICO_TOTP_FILE: file
  })
  assert.equal(status, 1)
  assert.match(said, /FAILED {2}auth answers/)
})

test('without its environment it says what it wants', () => {
  const { status, said } = accept('http://127.0.0.1:9', { ORIGIN: '' })
  assert.equal(status, 2)
  assert.match(said, /ORIGIN is missing/)
})
