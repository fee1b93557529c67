/** Requests to other people's servers, against real servers on this machine. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import { createServer as createSocket } from 'node:net'
import { after, describe, test } from 'node:test'
import { OutgoingError, addressList, fetchOut, isPublic, outgoing } from '../../functions/_shared/http-out.ts'

const seen: { method: string; url: string; host: string; type: string; body: string }[] = []
async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let body = ''
  for await (const chunk of request) body += String(chunk)
  const { method = '', url = '', headers } = request
  seen.push({ method, url, host: headers.host ?? '', type: headers['content-type'] ?? '', body })
  if (url === '/slow') return
  if (url === '/there') {
    response.writeHead(302, { location: '/elsewhere' }).end()
  } else if (url === '/large') response.end('x'.repeat(3_000))
  else if (url === '/nothing') response.writeHead(204).end()
  else response.writeHead(201, { 'content-type': 'application/json' }).end('{"ok":true}')
}
const server = createServer((request, response) => void answer(request, response)).listen(0, '127.0.0.1')
await once(server, 'listening')
const address = server.address()
const port = typeof address === 'object' ? (address?.port ?? 0) : 0
after(() => {
  server.closeAllConnections()
  server.close()
})

const NOBODY = addressList([])
const LOOPBACK = addressList(['127.0.0.1/32'])
const failureOf = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'answered',
    (error: unknown) => (error instanceof OutgoingError ? error.failure : String(error))
  )

describe('an outgoing request', () => {
  test('reaches no private address, by number or by name, in any spelling', async () => {
    const out = outgoing(NOBODY)
    const before = seen.length
    for (const host of [
      '127.0.0.1',
      'localhost',
      '0x7f.1',
      '2130706433',
      '[::1]',
      '[::ffff:127.0.0.1]',
      '0.0.0.0'
    ])
      assert.equal(await failureOf(out(`http://${host}:${port}/`)), 'address_refused', host)
    assert.equal(await failureOf(fetchOut(`http://127.0.0.1:${port}/`)), 'address_refused')
    assert.equal(seen.length, before)
  })

  test('knows what is public', () => {
    for (const one of [
      '10.1.2.3',
      '100.64.0.1',
      '169.254.169.254',
      '172.31.0.1',
      '192.168.1.1',
      '239.1.1.1',
      '255.255.255.255'
    ])
      assert.equal(isPublic(one), false, one)
    for (const one of [
      '::1',
      '::',
      'fe80::1',
      'fd00::1',
      '64:ff9b::a00:1',
      '2002:7f00:1::',
      '2001:db8::1',
      'ff02::1',
      '::ffff:8.8.8.8'
    ])
      assert.equal(isPublic(one), false, one)
    for (const one of ['8.8.8.8', '172.32.0.1', '2a00:1450:4001::1']) assert.equal(isPublic(one), true, one)
  })

  test('of a name with a public and a private address goes nowhere', async () => {
    const out = outgoing(NOBODY, async () => [
      { address: '8.8.8.8', family: 4 },
      { address: '127.0.0.1', family: 4 }
    ])
    assert.equal(await failureOf(out(`https://gateway.example:${port}/`)), 'address_refused')
  })

  test('goes to the address that was looked at: the name is asked once, and keeps its place in the Host', async () => {
    let asked = 0
    const out = outgoing(LOOPBACK, async () => {
      asked += 1
      return [{ address: asked === 1 ? '127.0.0.1' : '127.0.0.2', family: 4 }]
    })
    const got = await out(`http://gateway.example:${port}/sms?x=1`, {
      method: 'POST',
      body: new URLSearchParams({ to: '+49 1' })
    })
    assert.deepEqual([got.status, await got.json()], [201, { ok: true }])
    assert.equal(asked, 1)
    assert.deepEqual(seen.at(-1), {
      method: 'POST',
      url: '/sms?x=1',
      host: `gateway.example:${port}`,
      type: 'application/x-www-form-urlencoded;charset=UTF-8',
      body: 'to=%2B49+1'
    })
  })

  test('is https, but to addresses that the configuration names', async () => {
    const out = outgoing(NOBODY, async () => [{ address: '8.8.8.8', family: 4 }])
    assert.equal(await failureOf(out('http://gateway.example/')), 'scheme_refused')
    assert.equal(await failureOf(outgoing(LOOPBACK)(`ftp://127.0.0.1:${port}/`)), 'scheme_refused')
  })

  test('follows no redirect, takes no endless answer, waits no longer than it may', async () => {
    const out = outgoing(LOOPBACK)
    const there = await out(`http://127.0.0.1:${port}/there`)
    assert.deepEqual([there.status, there.headers.get('location')], [302, '/elsewhere'])
    assert.equal((await out(`http://127.0.0.1:${port}/nothing`)).status, 204)
    assert.equal(await failureOf(out(`http://127.0.0.1:${port}/large`, { most: 2_000 })), 'too_large')
    const started = performance.now()
    assert.equal(await failureOf(out(`http://127.0.0.1:${port}/slow`, { patience: 200 })), 'no_answer')
    assert.ok(performance.now() - started < 5_000)
    const dead = outgoing(LOOPBACK, () => new Promise(() => undefined))
    assert.equal(await failureOf(dead('https://gateway.example/', { patience: 50 })), 'no_answer')
  })

  test('fails in words that name no address', async () => {
    const silent = createSocket((socket) => socket.destroy()).listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const at = silent.address()
    const out = outgoing(LOOPBACK)
    const error = await out(`http://127.0.0.1:${typeof at === 'object' ? at?.port : 0}/secret`).catch(
      (e: unknown) => e
    )
    silent.close()
    assert.ok(error instanceof OutgoingError)
    assert.doesNotMatch(error.message, /127|secret/)
    assert.throws(() => addressList(['10.0.0.0/33']), TypeError)
    assert.throws(() => addressList(['gateway.example']), TypeError)
  })
})
