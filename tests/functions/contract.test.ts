/** Each function of stack.yml, started as its container would be. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { type Container, hasBubblewrap, startContainer } from '../support/container.ts'
import { callOf, halfSent, ready, secretsOf, specs, testSecrets } from '../support/function-calls.ts'

const FUNCTIONS = new URL('../../functions/', import.meta.url)
const secrets = await testSecrets()

const running: Container[] = []
after(() => Promise.all(running.map((one) => one.remove())))

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
      container = await startContainer(spec, secretsOf(spec, secrets))
      running.push(container)
      await ready(container.url, 20, () => container.process.exitCode !== null, container.log)
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
