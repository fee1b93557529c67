/** Nobody's body is read as somebody's request: what goes on over kept connections is framed by us (RFC 9112 section 11.2). */
import assert from 'node:assert/strict'
import { Agent, createServer } from 'node:http'
import { connect } from 'node:net'
import { after, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { createEdge } from '../../infra/edge/edge.ts'
import { endToEnd, forward } from '../../infra/runner/forward.ts'
import { close, listen } from '../../infra/runner/listen.ts'
import { freePort } from '../../infra/runner/ports.ts'

/** Stands where the gateway would be; writes down what it takes for requests. */
const seen: string[] = []
const inside = createServer((asked, answer) => {
  seen.push(`${asked.method} ${asked.url}`)
  asked.resume().on('end', () => answer.end(`for ${asked.headers.cookie ?? 'nobody'}`))
})
const [insidePort, edgePort, barePort] = [await freePort(), await freePort(), await freePort()]
const address = `http://127.0.0.1:${insidePort}`
const edge = createEdge({
  origin: `http://localhost:${edgePort}`,
  gateway: address,
  store: address,
  web: address,
  edge_token: 'the-token',
  is_public: (name) => name === 'auth',
  proxies: [],
  openapi: new URL('../../docs/openapi.json', import.meta.url)
})
/** forward alone, as the gateway uses it: it must not depend on what the edge has already refused. */
const agent = new Agent({ keepAlive: true, maxSockets: 1 })
const bare = createServer((request, response) => {
  const target = { host: '127.0.0.1', port: insidePort, agent, method: request.method ?? 'GET' }
  const headers = endToEnd(request.rawHeaders)
  void forward(request, response, { ...target, path: request.url ?? '/', headers, patience: 5_000 })
})
await listen(inside, insidePort, '127.0.0.1')
await listen(edge, edgePort, '127.0.0.1')
await listen(bare, barePort, '127.0.0.1')
after(async () => {
  agent.destroy()
  for (const server of [edge, bare, inside]) await close(server, 100)
})

/** What comes back for these bytes within half a second. */
function raw(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    let said = ''
    socket.on('data', (chunk) => (said += chunk.toString('latin1'))).on('error', reject)
    socket.write(bytes)
    void wait(500).then(() => {
      socket.destroy()
      resolve(said)
    })
  })
}

const inner = `GET /function/clock/slow HTTP/1.1\r\nHost: x\r\n\r\n`

for (const method of ['GET', 'DELETE', 'POST'])
  test(`a ${method} whose Connection names Content-Length brings no second request along`, async () => {
    const attack = (host: string) =>
      `${method} /api/v1/auth/firm HTTP/1.1\r\nHost: ${host}\r\nConnection: content-length\r\nContent-Length: ${inner.length}\r\n\r\n${inner}`
    assert.match(await raw(edgePort, attack(`localhost:${edgePort}`)), /^HTTP\/1\.1 400/)
    seen.length = 0
    await raw(barePort, attack('x'))
    const victim = `GET /function/auth/session HTTP/1.1\r\nHost: x\r\nCookie: VICTIM\r\n\r\n`
    assert.match(await raw(barePort, victim), /for VICTIM/)
    assert.deepEqual(seen, [`${method} /api/v1/auth/firm`, 'GET /function/auth/session'])
  })

test('a body in chunks arrives in chunks, one with a length with its length', async () => {
  seen.length = 0
  const chunked = `POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`
  assert.match(await raw(barePort, chunked), /^HTTP\/1\.1 200/)
  assert.match(
    await raw(barePort, 'POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi'),
    /^HTTP\/1\.1 200/
  )
  assert.deepEqual(seen, ['POST /a', 'POST /b'])
})
