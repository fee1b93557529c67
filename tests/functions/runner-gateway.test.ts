/** The gateway surface and the pool of processes behind it, with a function that can be told to misbehave. */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { FunctionPool } from '../../infra/runner/functions.ts'
import { createGateway } from '../../infra/runner/gateway.ts'
import { close, listen } from '../../infra/runner/listen.ts'
import { freePort } from '../../infra/runner/ports.ts'
import { parseStack } from '../../infra/runner/stack.ts'

/** Notes each of its starts in a file, so that the test can count them. */
const SCRIPT = `
import { createServer } from 'node:http'
import { appendFileSync } from 'node:fs'
appendFileSync(process.env.STARTS, process.env.FUNCTION + '\\n')
if (process.env.FUNCTION === 'broken') process.exit(1)
const held = []
createServer((request, response) => {
  if (request.url === '/die') process.exit(1)
  if (request.url === '/hang') for (;;);
  if (request.url === '/late') return
  if (request.url === '/greedy') for (let i = 0; i < 64; i += 1) held.push(Buffer.alloc(4 * 1024 * 1024, 1))
  if (request.url === '/events') {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write('data: 1\\n\\n')
    setTimeout(() => response.end('data: 2\\n\\n'), 1500)
    return
  }
  let body = ''
  request.on('data', (chunk) => (body += chunk))
  request.on('end', () => response.end(JSON.stringify({ pid: process.pid, method: request.method, url: request.url, body })))
}).listen(process.env.PORT, process.env.HOST)
process.on('SIGTERM', () => process.exit(0))
`

const entry = (annotations: string) =>
  `{ environment: { exec_timeout: 2s }, limits: { memory: 160Mi }, annotations: { ${annotations} } }`
const STACK = `
functions:
  lazy: ${entry("portico.idle: '3'")}
  eager: ${entry("portico.eager: 'true'")}
  broken: ${entry("portico.idle: '3'")}
  short: ${entry("portico.idle: '3'")}
`

const folder = mkdtempSync(join(tmpdir(), 'portico-gateway-'))
const starts = join(folder, 'starts')
writeFileSync(starts, '')
writeFileSync(join(folder, 'function.mjs'), SCRIPT)
mkdirSync(join(folder, 'logs'))
/** What a full disk does to a function that is about to start. */
let isFull = false
const pool = new FunctionPool(parseStack(STACK, {}), {
  logs: join(folder, 'logs'),
  script: join(folder, 'function.mjs'),
  env: () => {
    if (isFull) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
    return { STARTS: starts }
  }
})
const gateway = createGateway({ pool, password: 'the-password' })
const port = await freePort()
await listen(gateway, port, '127.0.0.1')
const url = `http://127.0.0.1:${port}`
after(async () => {
  await close(gateway, 0)
  await pool.stop()
  rmSync(folder, { recursive: true, force: true })
})

const startsOf = (name: string) =>
  readFileSync(starts, 'utf8')
    .split('\n')
    .filter((line) => line === name).length

async function call(name: string, path = '', init: RequestInit = {}) {
  const answer = await fetch(`${url}/function/${name}${path}`, init)
  const text = await answer.text()
  return { status: answer.status, headers: answer.headers, text, json: () => JSON.parse(text) }
}

test('many first calls at once start one process', async () => {
  const answers = await Promise.all(Array.from({ length: 8 }, () => call('lazy')))
  assert.deepEqual([...new Set(answers.map((answer) => answer.status))], [200])
  assert.equal(new Set(answers.map((answer) => answer.json().pid)).size, 1)
  assert.equal(startsOf('lazy'), 1)
})

test('method, path, query and body go through as they are', async () => {
  const answer = await call('lazy', '/a%20b/c?d=%2F', { method: 'DELETE', body: 'x'.repeat(100_000) })
  const { method, url: path, body } = answer.json()
  assert.deepEqual(
    { method, path, size: body.length },
    { method: 'DELETE', path: '/a%20b/c?d=%2F', size: 100_000 }
  )
})

test('an answer streams: the first event is there before the last was sent', async () => {
  const at = await new Promise<number>((resolve, reject) => {
    const begun = performance.now()
    request(`${url}/function/lazy/events`, (answer) => {
      answer.once('data', () => resolve(performance.now() - begun))
      answer.resume()
    })
      .on('error', reject)
      .end()
  })
  assert.ok(at < 1_000, `${at} ms`)
})

test('an unknown function is 404, one that does not start 503', async () => {
  assert.equal((await call('nobody')).status, 404)
  assert.equal((await call('broken')).status, 503)
  const began = startsOf('broken')
  await Promise.all(Array.from({ length: 20 }, () => call('broken')))
  assert.ok(startsOf('broken') - began <= 2, 'a function that cannot start is not started for every call')
})

test('a function that cannot be started because the disk is full is 503 as well: no job is to blame', async () => {
  isFull = true
  try {
    assert.equal((await call('short')).status, 503)
  } finally {
    isFull = false
  }
  await wait(300)
  assert.equal((await call('short')).status, 200)
})

test('a function that dies at work is 502, and the next call has a new process', async () => {
  const before = (await call('lazy')).json().pid
  assert.equal((await call('lazy', '/die')).status, 502)
  const next = await call('lazy')
  assert.equal(next.status, 200)
  assert.notEqual(next.json().pid, before)
})

test('an answer that does not come in time is 504; the process lives on if it still answers others', async () => {
  const before = (await call('lazy')).json().pid
  assert.equal((await call('lazy', '/late')).status, 504)
  assert.equal((await call('lazy')).json().pid, before)
})

test('a process that hangs is replaced', async () => {
  const before = (await call('lazy')).json().pid
  assert.equal((await call('lazy', '/hang')).status, 504)
  await wait(3_500) // its health check gets 3 s
  const next = await call('lazy')
  assert.equal(next.status, 200)
  assert.notEqual(next.json().pid, before)
})

test(
  'a process over its memory limit is ended, as its container would be',
  { skip: process.platform !== 'linux' },
  async () => {
    const before = (await call('lazy')).json().pid
    await call('lazy', '/greedy')
    await wait(2_500)
    assert.notEqual((await call('lazy')).json().pid, before)
  }
)

test('what is eager comes back by itself; what is idle is stopped', async () => {
  await pool.startEager()
  const pid = (await call('eager')).json().pid
  process.kill(pid, 'SIGKILL')
  await wait(1_500)
  const listed = pool.list().find((one) => one.name === 'eager')
  assert.ok(listed?.pid && listed.pid !== pid)
  await call('lazy')
  await wait(6_000)
  assert.equal(pool.list().find((one) => one.name === 'lazy')?.pid, null)
})

test('the list of functions wants the password', async () => {
  assert.equal((await fetch(`${url}/system/functions`)).status, 401)
  const headers = { authorization: `Basic ${Buffer.from('admin:the-password').toString('base64')}` }
  const answer = await fetch(`${url}/system/functions`, { headers })
  assert.equal(answer.status, 200)
  assert.equal((await fetch(`${url}/healthz`)).status, 200)
})
