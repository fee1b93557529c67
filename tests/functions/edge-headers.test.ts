/** What every answer of the front door bears over https, whoever made it: pages, API, files, and its own refusals. */
import assert from 'node:assert/strict'
import { createServer, request } from 'node:http'
import { after, describe, test } from 'node:test'
import { z } from 'zod'
import { createEdge } from '../../infra/edge/edge.ts'
import { close, listen } from '../../infra/runner/listen.ts'
import { freePort } from '../../infra/runner/ports.ts'

const KEY = '/portico-documents/01a20591-e847-7439-8c0a-48d364ae82d5/01a20591-e847-7439-8c0a-48d364ae82d6'
const SIGNED =
  'X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=k&X-Amz-Date=20261122T000000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=abc'

/** Stands where web, gateway and store would be, and says nothing about itself. */
const inside = createServer((asked, answer) => {
  const type = asked.url?.startsWith('/function/') ? 'application/json' : 'text/html'
  answer.setHeader('set-cookie', ['a=1', 'b=2'])
  answer.setHeader('content-type', type)
  answer.end('{}')
})
const [inner, port, nobody] = [await freePort(), await freePort(), await freePort()]
const options = {
  origin: 'https://portal.example',
  gateway: `http://127.0.0.1:${inner}`,
  store: `http://127.0.0.1:${inner}`,
  web: `http://127.0.0.1:${inner}`,
  edge_token: 'the-token',
  is_public: (name: string) => name === 'auth',
  proxies: [],
  openapi: new URL('../../docs/openapi.json', import.meta.url)
}
const edge = createEdge(options)
const alonePort = await freePort()
const alone = createEdge({ ...options, web: `http://127.0.0.1:${nobody}` })
await listen(inside, inner, '127.0.0.1')
await listen(edge, port, '127.0.0.1')
await listen(alone, alonePort, '127.0.0.1')
after(() => Promise.all([edge, alone, inside].map((server) => close(server, 100))))

function ask(path: string, host = 'portal.example', at = port) {
  return new Promise<{ status: number; headers: NodeJS.Dict<string | string[]> }>((resolve, reject) => {
    request({ host: '127.0.0.1', port: at, path, headers: { host, accept: 'text/html' } }, (answer) => {
      answer.resume().on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers }))
    })
      .on('error', reject)
      .end()
  })
}

const ANSWERS: [name: string, status: number, path: string, host?: string, at?: number][] = [
  ['a page', 200, '/'],
  ['an answer of the API', 200, '/api/v1/auth/session'],
  ['a function that nobody may call', 404, '/api/v1/clock/tick'],
  ['the description of the API', 200, '/api/v1/openapi.json'],
  ['a file', 200, `${KEY}?${SIGNED}`],
  ['a file that was not signed', 403, KEY],
  ['another name', 421, '/', 'elsewhere.example'],
  ['its health', 200, '/_/health'],
  ['a page while the web is away', 503, '/', undefined, alonePort]
]

for (const [name, status, path, host, at] of ANSWERS)
  test(`${name} is asked for over https only, and never guessed at`, async () => {
    const answer = await ask(path, host, at)
    assert.equal(answer.status, status)
    assert.match(String(answer.headers['strict-transport-security']), /^max-age=31536000/)
    assert.equal(answer.headers['x-content-type-options'], 'nosniff')
    const type = String(answer.headers['content-type'])
    if (type.startsWith('text/') && !path.startsWith('/portico-')) assert.match(type, /; charset=utf-8$/)
    if (path.startsWith('/api/'))
      assert.equal(answer.headers['content-security-policy'], "default-src 'none'; frame-ancestors 'none'")
  })

test('several cookies stay several', async () => {
  assert.deepEqual((await ask('/')).headers['set-cookie'], ['a=1', 'b=2'])
})

test('without https nobody is told to come by it', async () => {
  const plainPort = await freePort()
  const plain = createEdge({ ...options, origin: `http://localhost:${plainPort}` })
  await listen(plain, plainPort, '127.0.0.1')
  const answer = await ask('/', `localhost:${plainPort}`, plainPort)
  await close(plain, 100)
  assert.equal(answer.status, 200)
  assert.equal(answer.headers['strict-transport-security'], undefined)
})

describe('the trace that a request says it belongs to', () => {
  const said = '00-deadbeefdeadbeefdeadbeefdeadbeef-deadbeefdeadbeef-01'
  const heard = async (more: { proxies?: string[]; trusts_traceparent?: boolean }) => {
    const behind = createServer((asked, answer) => {
      answer.setHeader('x-portico-route', '/secret/{id}')
      answer.setHeader('traceresponse', said)
      answer.end(JSON.stringify({ trace: asked.headers.traceparent, call_id: asked.headers['x-call-id'] }))
    })
    const [behindPort, frontPort] = [await freePort(), await freePort()]
    await listen(behind, behindPort, '127.0.0.1')
    const front = createEdge({
      ...options,
      ...more,
      web: `http://127.0.0.1:${behindPort}`,
      origin: `http://localhost:${frontPort}`
    })
    await listen(front, frontPort, '127.0.0.1')
    try {
      const answer = await fetch(`http://localhost:${frontPort}/`, {
        headers: { traceparent: said, 'x-call-id': 'mine' }
      })
      for (const name of ['x-portico-route', 'traceresponse'])
        assert.equal(answer.headers.get(name), null, name)
      const { trace, call_id } = z
        .object({
          trace: z.string(),
          call_id: z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
        })
        .parse(await answer.json())
      const [, id = ''] = trace.split('-')
      assert.match(trace, /^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/)
      assert.equal(call_id.replaceAll('-', ''), id, 'one id for the log and for traces')
      return id
    } finally {
      await Promise.all([front, behind].map((server) => close(server, 100)))
    }
  }

  test('is not believed, from a proxy of ours neither unless an operator says so', async () => {
    assert.ok(!said.includes(await heard({})))
    assert.ok(!said.includes(await heard({ proxies: ['127.0.0.1', '::1'] })))
    assert.ok(!said.includes(await heard({ trusts_traceparent: true })))
  })

  test('is gone on with where an operator says that the proxy makes it', async () => {
    assert.ok(said.includes(await heard({ proxies: ['127.0.0.1', '::1'], trusts_traceparent: true })))
  })
})
