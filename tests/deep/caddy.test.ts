/**
 * The proxy that compose brings (infra/deploy/compose/Caddyfile), as Caddy runs it: which TLS it speaks, that plain http
 * leads to it, and that news are not held back. Needs Caddy (Debian's package, or Go: github.com/caddyserver/caddy).
 */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, get } from 'node:http'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { type ConnectionOptions, connect } from 'node:tls'
import { close, listen } from '../../infra/runner/listen.ts'
import { freePort } from '../../infra/runner/ports.ts'

const skip = spawnSync('caddy', ['version']).error ? 'no caddy on the PATH' : false
const folder = mkdtempSync(join(tmpdir(), 'portico-caddy-'))
const ports = { https: await freePort(), http: await freePort(), front: await freePort() }
/** What the page and the news say. */
const PAGE = 'Guten Tag. '.repeat(500)
const NEWS = 'data: {"topic":"documents"}\n\n'

const front = createServer((incoming, response) => {
  if (incoming.url === '/events') {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    response.write(NEWS) // and it stays open
    return
  }
  response.writeHead(200, { 'content-type': 'text/html' }).end(PAGE)
})

let caddy: ChildProcess | undefined
before(async () => {
  if (skip) return
  await listen(front, ports.front, '127.0.0.1')
  // What belongs to this machine's test alone; the sites are the file's own.
  const settings = `{
    admin off
    http_port ${ports.http}
    https_port ${ports.https}
    skip_install_trust
    storage file_system ${folder}
  }
  import ${resolve('infra/deploy/compose/Caddyfile')}\n`
  writeFileSync(join(folder, 'Caddyfile'), settings)
  caddy = spawn('caddy', ['run', '--adapter', 'caddyfile', '--config', join(folder, 'Caddyfile')], {
    stdio: 'ignore',
    env: {
      ...process.env,
      HOME: folder,
      ORIGIN: `https://localhost:${ports.https}`,
      FRONT: `127.0.0.1:${ports.front}`
    }
  })
  for (const end = Date.now() + 30_000; ; await wait(100))
    if (await spoken({}).catch(() => null)) return
    else if (Date.now() > end) throw new Error('caddy did not start')
})
after(async () => {
  caddy?.kill('SIGKILL')
  await close(front, 0)
  rmSync(folder, { recursive: true, force: true })
})

/** Protocol and cipher that are agreed on. Throws when there is nothing to agree on. Its own authority is nobody's yet. */
function spoken(options: ConnectionOptions): Promise<{ protocol: string | null; cipher: string }> {
  return new Promise((done, fail) => {
    const wish = { host: '127.0.0.1', port: ports.https, servername: 'localhost', rejectUnauthorized: false }
    const socket = connect({ ...wish, ...options }, () => {
      done({ protocol: socket.getProtocol(), cipher: socket.getCipher().name })
      socket.end()
    })
    socket.once('error', fail)
  })
}

test(
  'TLS 1.3 is preferred, 1.2 with forward secrecy and AEAD is spoken, and nothing older or weaker',
  { skip },
  async () => {
    assert.equal((await spoken({})).protocol, 'TLSv1.3')
    const second = await spoken({ maxVersion: 'TLSv1.2' })
    assert.equal(second.protocol, 'TLSv1.2')
    assert.match(second.cipher, /^ECDHE-.*(GCM|CHACHA20)/)
    const old: ConnectionOptions = { ciphers: 'ALL:@SECLEVEL=0' }
    for (const weak of [
      { ...old, minVersion: 'TLSv1', maxVersion: 'TLSv1' },
      { ...old, minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1' },
      { maxVersion: 'TLSv1.2', ciphers: 'AES128-SHA:AES256-SHA:AES128-GCM-SHA256@SECLEVEL=0' },
      {
        maxVersion: 'TLSv1.2',
        ciphers: 'ECDHE-RSA-AES128-SHA:ECDHE-ECDSA-AES128-SHA:DES-CBC3-SHA@SECLEVEL=0'
      }
    ] satisfies ConnectionOptions[])
      await assert.rejects(spoken(weak), { code: /^(ERR_SSL_|ECONNRESET)/ }, JSON.stringify(weak))
  }
)

test('plain http leads to https and shows nothing', { skip }, async () => {
  const answer = await new Promise<{ status: number; location: string }>((done, fail) =>
    get({ host: '127.0.0.1', port: ports.http, path: '/l/x', headers: { host: 'localhost' } }, (got) => {
      got.resume()
      done({ status: got.statusCode ?? 0, location: got.headers.location ?? '' })
    }).once('error', fail)
  )
  assert.equal(answer.status, 308)
  assert.match(answer.location, /^https:\/\/localhost\b.*\/l\/x$/)
})

/** Status, encoding and the first bytes of a page. */
function first(path: string): Promise<{ encoding: string; bytes: number }> {
  return new Promise((done, fail) => {
    const asking = request(
      {
        host: '127.0.0.1',
        port: ports.https,
        servername: 'localhost',
        path,
        headers: { host: `localhost:${ports.https}`, 'accept-encoding': 'gzip' },
        rejectUnauthorized: false
      },
      (answer) =>
        answer.once('data', (chunk: Buffer) => {
          done({ encoding: answer.headers['content-encoding'] ?? '', bytes: chunk.length })
          answer.destroy()
        })
    )
    asking.once('error', fail)
    asking.setTimeout(3_000, () => asking.destroy(new Error('nothing came')))
    asking.end()
  })
}

test('a page comes compressed, news come as soon as they are told', { skip }, async () => {
  const page = await first('/')
  assert.equal(page.encoding, 'gzip')
  assert.ok(page.bytes < PAGE.length / 5)
  assert.ok((await first('/events')).bytes > 0)
})
