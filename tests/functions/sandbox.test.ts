/** A room for what reads strangers' bytes, looked at from inside: what somebody who took the function over would find. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { parseStack } from '../../infra/runner/stack.ts'
import { isAlive } from '../../infra/runner/pids.ts'
import { tryRooms } from '../../infra/runner/room.ts'
import { until } from '../support/parser.ts'
import { noRooms, startRooms, storeForRooms } from '../support/rooms.ts'

/** Does whatever it is told, as a parser would that a file has taken over. */
const SCRIPT = `
import { createServer, request } from 'node:http'
import net from 'node:net'
import fs from 'node:fs'
import os from 'node:os'
import { execFileSync, spawn } from 'node:child_process'
const ways = { net, fs, os, request, execFileSync, spawn }
const listen = process.env.LISTEN_SOCKET ? [process.env.LISTEN_SOCKET] : [process.env.PORT, '127.0.0.1']
createServer((asked, answer) => {
  let body = ''
  asked.on('data', (chunk) => (body += chunk))
  asked.on('end', async () => {
    if (!body) return answer.end(JSON.stringify({ found: process.pid }))
    try {
      const found = await new Function(...Object.keys(ways), 'return (async () => {' + body + '})()')(...Object.values(ways))
      answer.end(JSON.stringify({ found }))
    } catch (error) {
      answer.end(JSON.stringify({ failed: error.code ?? String(error) }))
    }
  })
}).listen(...listen)
process.on('SIGTERM', () => process.exit(0))
`
const folder = mkdtempSync(join(tmpdir(), 'portico-sandbox-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const script = join(folder, 'function.mjs')
writeFileSync(script, SCRIPT)
writeFileSync(join(folder, 'secret'), 'of somebody else')

const entry = (more: string) =>
  `{ environment: { exec_timeout: 5s, CLAMAV_HOST: there }, limits: { memory: 200Mi }, annotations: { portico.idle: '3', portico.tmp: 8Mi, ${more} } }`
const STACK = `
functions:
  inside: ${entry("portico.sandbox: 'true'")}
  outside: ${entry("portico.sandbox: 'false'")}
`

test('a machine without bubblewrap is told what to install', async () => {
  const { PATH } = process.env
  process.env.PATH = folder
  const missing = await tryRooms().finally(() => (process.env.PATH = PATH))
  assert.match(missing ?? '', process.platform === 'linux' ? /apt install bubblewrap/ : /no bubblewrap/)
})

describe('inside a room', { skip: noRooms }, async () => {
  if (noRooms) return
  const store = await storeForRooms()
  /** Stands for the database, and for a scanner that would do anything it is told. */
  const said: string[] = []
  const neighbour = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.on('data', (chunk) => {
      said.push(chunk.toString())
      socket.end('PONG\0')
    })
  }).listen(0, '127.0.0.1')
  await new Promise((done) => neighbour.once('listening', done))
  after(() => neighbour.close())
  const address = neighbour.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  const {
    url,
    pool,
    folder: around
  } = await startRooms({
    specs: parseStack(STACK, {}),
    secrets: { inside: { 'job-key-inside': 'own' }, outside: { 'job-key-outside': 'foreign' } },
    script,
    rooms: { store: store.endpoint, clamav: { host: '127.0.0.1', port } }
  })

  async function told(name: string, code: string): Promise<{ found?: unknown; failed?: string }> {
    const answer = await fetch(`${url}/${name}`, { method: 'POST', body: code })
    return answer.status === 200 ? await answer.json() : { failed: String(answer.status) }
  }
  const inside = (code: string) => told('inside', code)
  const pidOf = (name: string) => pool.list().find((one) => one.name === name)?.pid ?? null

  const CONNECT = (at: string) => `return await new Promise((resolve, reject) => {
    const socket = net.connect(${at}, () => { socket.end(); resolve('connected') })
    socket.on('error', reject); setTimeout(() => reject(new Error('no answer')), 2000) })`

  test('no port of the machine can be reached, which without a room could', async () => {
    const attempt = CONNECT(`{ host: '127.0.0.1', port: ${port} }`)
    assert.equal((await told('outside', attempt)).found, 'connected')
    assert.equal((await inside(attempt)).failed, 'ECONNREFUSED')
  })

  test('there is no way into the internet, and no name can be looked up', async () => {
    assert.equal((await inside(CONNECT(`{ host: '1.1.1.1', port: 443 }`))).failed, 'ENETUNREACH')
    assert.match(
      (await inside(CONNECT(`{ host: 'example.org', port: 443 }`))).failed ?? '',
      /^E(AI_AGAIN|NOTFOUND)$/
    )
    assert.deepEqual((await inside('return Object.keys(os.networkInterfaces())')).found, ['lo'])
  })

  test('of all secrets only its own are there', async () => {
    assert.deepEqual((await inside(`return fs.readdirSync('/run/secrets')`)).found, ['job-key-inside'])
    const foreign = join(around, 'mounts/outside/job-key-outside')
    const read = (path: string) => `return fs.readFileSync(${JSON.stringify(path)}, 'utf8')`
    assert.equal((await told('outside', read(foreign))).found, 'foreign')
    for (const path of [foreign, join(folder, 'secret'), '/etc/shadow', '/etc/passwd'])
      assert.equal((await inside(read(path))).failed, 'ENOENT', path)
    for (const path of ['/home', '/root', '/var', process.cwd()])
      assert.equal((await inside(`return fs.readdirSync('${path}')`)).failed, 'ENOENT', path)
    const said = JSON.stringify((await inside('return process.env')).found)
    assert.ok(!said.includes(around), said)
  })

  test('it sees no process but its own', async () => {
    const seen = `return fs.readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name))`
    assert.deepEqual((await inside(seen)).found, ['1'])
    assert.equal((await inside(`process.kill(${process.pid}, 0)`)).failed, 'ESRCH')
    const [own, ours] = [await inside('return process.ppid'), await told('outside', 'return process.ppid')]
    assert.deepEqual([own.found, ours.found], [0, process.pid])
  })

  test('it can write nothing but its own scraps, and make no smaller rooms', async () => {
    for (const path of ['/app/x', '/app/functions/_shared/x', '/usr/x', '/run/secrets/x', '/x', '/dev/shm/x'])
      assert.equal((await inside(`fs.writeFileSync('${path}', '')`)).failed, 'EROFS', path)
    for (const path of ['/tmp/x', '/run/cache/x'])
      assert.equal((await inside(`fs.writeFileSync('${path}', ''); return 1`)).found, 1, path)
    const smaller = `execFileSync('/usr/bin/unshare', ['--user', '/usr/bin/true'], { stdio: 'ignore' }); return 1`
    assert.equal((await told('outside', smaller)).found, 1)
    assert.notEqual((await inside(smaller)).found, 1)
  })

  const ASK = (
    target: string,
    method = 'GET',
    headers = {}
  ) => `return await new Promise((resolve, reject) => {
    const url = new URL(${JSON.stringify(target)})
    request({ socketPath: process.env.STORE_SOCKET, path: url.pathname + url.search, method: '${method}',
      headers: { host: url.host, ...${JSON.stringify(headers)} } }, (answer) => {
        let text = ''; answer.on('data', (chunk) => (text += chunk)).on('end', () => resolve([answer.statusCode, text]))
      }).on('error', reject).end() })`

  test('the store can be asked for what a job brought, and for nothing else', async () => {
    const { url: granted } = await store.offer('a.txt', Buffer.from('words'))
    assert.deepEqual((await inside(ASK(granted))).found, [200, 'words'])
    const status = async (...asked: Parameters<typeof ASK>) => {
      const { found } = await inside(ASK(...asked))
      return Array.isArray(found) ? found[0] : found
    }
    assert.equal(await status(granted.replace(/Signature=./, 'Signature=x')), 403)
    assert.equal(await status(granted, 'DELETE'), 405)
    assert.equal(await status(granted.split('?')[0] ?? ''), 403)
    assert.equal(await status(`${store.endpoint}/minio/health/ready`), 404)
    assert.equal(
      await status(granted, 'PUT', { 'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER' }),
      403
    )
  })

  test('the scanner is told what scan tells it, and not to end or to read its own files', async () => {
    const TELL = (words: string) => `return await new Promise((resolve, reject) => {
      const socket = net.connect(process.env.CLAMAV_SOCKET); let heard = ''
      socket.on('data', (chunk) => (heard += chunk)).on('error', reject).on('close', () => resolve(heard))
      for (const part of ${JSON.stringify(words.split('|'))}) socket.write(part) })`
    said.length = 0
    assert.equal((await inside(TELL('zPI|NG\0'))).found, 'PONG\0')
    for (const words of ['zSHUTDOWN\0', 'zSCAN /etc/passwd\0', 'SHUTDOWN\n', 'zIDSESSION\0'])
      assert.equal((await inside(TELL(words))).found, '', words)
    assert.deepEqual(said, ['zPING\0'])
  })

  test('a link in its socket’s place leads the runner nowhere', async () => {
    const other = join(folder, 'other.sock')
    const bait = createServer(() => assert.fail('the runner followed it')).listen(other)
    await new Promise((done) => bait.once('listening', done))
    const swap = `fs.rmSync('/run/room/http.sock'); fs.symlinkSync('${other}', '/run/room/http.sock'); return process.pid`
    await inside(swap)
    assert.equal((await inside('return 2')).found, 2)
    bait.close()
  })

  test('killed, it has a successor at the next call; left alone, it ends, and takes its room along', async () => {
    await inside('return 1')
    const first = pidOf('inside')
    assert.ok(first)
    process.kill(first, 'SIGKILL')
    assert.ok(await until(() => pidOf('inside') !== first))
    assert.equal((await inside('return 3')).found, 3)
    const second = pidOf('inside')
    assert.ok(second && second !== first)
    assert.ok(await until(() => pidOf('inside') === null && !isAlive(second), 15_000))
    const rooms = join(tmpdir(), `portico-rooms-${process.pid}`)
    const left = () => readdirSync(rooms, { recursive: true }).filter((name) => /inside/.test(String(name)))
    assert.ok(await until(() => left().length === 0), left().join())
  })

  test('one that takes more memory or processes than it may have, or fills its /tmp, is ended with all that it started', async () => {
    for (const greed of [
      `globalThis.held = Array.from({ length: 80 }, () => Buffer.alloc(4194304, 1)); return process.pid`,
      `fs.writeFileSync('/tmp/large', Buffer.alloc(9000000)); return process.pid`,
      // In others that it starts: many, or ones that hold more than it may.
      `for (let i = 0; i < 50; i += 1) spawn('/usr/bin/sleep', ['100'])`,
      `for (let i = 0; i < 4; i += 1) spawn(process.execPath, ['-e', 'globalThis.held = Buffer.alloc(150000000, 1); setInterval(() => 0, 1000)'])`
    ]) {
      await inside('return 1')
      const pid = pidOf('inside')
      await inside(greed)
      assert.ok(pid && (await until(() => !isAlive(pid) && pidOf('inside') !== pid, 10_000)), greed)
      assert.equal(
        (await inside('return fs.readdirSync("/tmp")')).found?.toString(),
        '',
        'its scraps are gone'
      )
    }
  })

  test('the runner killed by force leaves nobody behind', async () => {
    const runner = join(folder, 'runner.mjs')
    const at = (path: string) => new URL(`../../infra/runner/${path}`, import.meta.url).href
    writeFileSync(
      runner,
      `import { FunctionPool } from '${at('functions.ts')}'
       import { openRooms } from '${at('room.ts')}'
       import { parseStack } from '${at('stack.ts')}'
       const rooms = await openRooms({ store: 'http://127.0.0.1:9', clamav: null })
       const pool = new FunctionPool(parseStack(${JSON.stringify(STACK)}, {}), {
         logs: ${JSON.stringify(join(around, 'logs'))}, rooms, script: ${JSON.stringify(script)}, env: () => ({}) })
       const { pid, child } = await pool.acquire('inside')
       console.log(JSON.stringify([pid, child.pid]))`
    )
    const child = spawn(process.execPath, ['--no-warnings', runner], { stdio: ['ignore', 'pipe', 'inherit'] })
    const line = await new Promise<string>((done) =>
      child.stdout.once('data', (chunk) => done(String(chunk)))
    )
    const pids: number[] = JSON.parse(line)
    assert.deepEqual(pids.map(isAlive), [true, true])
    const gone = new Promise((done) => child.once('exit', done))
    child.kill('SIGKILL')
    await gone
    for (let i = 0; i < 40 && pids.some(isAlive); i += 1) await wait(25)
    assert.deepEqual(pids.map(isAlive), [false, false])
    rmSync(join(tmpdir(), `portico-rooms-${child.pid}`), { recursive: true, force: true })
    assert.ok(!existsSync(join(tmpdir(), `portico-rooms-${child.pid}`)))
  })
})
