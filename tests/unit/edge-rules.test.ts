/** What the edge lets through and what it hangs around answers. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  clientAddress,
  endsAtEdge,
  functionPath,
  isLoopback,
  isPlainConnection
} from '../../infra/edge/request-rules.ts'
import {
  isStorePath,
  refuseStoreRequest,
  storeAnswerHeaders,
  storeRequestHeaders
} from '../../infra/edge/store-rules.ts'
import { endToEnd } from '../../infra/runner/forward.ts'

const KEY = '/portico-documents/01a20591-e847-7439-8c0a-48d364ae82d5/01a20591-e847-7439-8c0a-48d364ae82d6'
const SIGNED =
  'X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=k%2F20261122%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20261122T000000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=abc'
const refuse = (method: string, url: string, headers: Record<string, string> = {}) =>
  refuseStoreRequest(method, url, headers)?.status ?? null

describe('the way to the object store', () => {
  test('a presigned GET and PUT pass', () => {
    assert.equal(refuse('GET', `${KEY}?${SIGNED}&versionId=1&response-content-disposition=attachment`), null)
    assert.equal(refuse('PUT', `${KEY}?${SIGNED}&partNumber=3&uploadId=xyz`), null)
    assert.equal(refuse('PUT', `${KEY}?${SIGNED}&X-Amz-Content-Sha256=UNSIGNED-PAYLOAD`), null)
    assert.equal(refuse('GET', `/portico-derived/a/b/00001/1.jpg?${SIGNED}`), null)
  })

  test('a download’s ticket is spelled plainly or refused: it would be signed, and nobody told of the read', () => {
    const ticket = '01a2059d-6a35-7546-be33-876b04016471'
    assert.equal(refuse('GET', `${KEY}?${SIGNED}&x-portico-ticket=${ticket}`), null)
    for (const spelled of [
      `x-portico-ticke%74=${ticket}`,
      `X-Portico-Ticket=${ticket}`,
      `x-portico-ticket=%30${ticket.slice(1)}`,
      `x-portico-ticket=${ticket}0`,
      'x-portico-ticket='
    ])
      assert.equal(refuse('GET', `${KEY}?${SIGNED}&${spelled}`), 403, spelled)
  })

  test('every other method is refused', () => {
    for (const method of ['HEAD', 'POST', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE', 'get'])
      assert.equal(refuse(method, `${KEY}?${SIGNED}`), 405, method)
  })

  test('what is not presigned is refused', () => {
    assert.equal(refuse('GET', KEY), 403)
    assert.equal(refuse('GET', `${KEY}?X-Amz-Signature=abc`), 403)
    assert.equal(refuse('GET', `${KEY}?${SIGNED.replace('X-Amz-Signature=abc', 'X-Amz-Signature=')}`), 403)
  })

  test('sub-resources of an object are not reachable, signed or not', () => {
    for (const name of [
      'acl',
      'tagging',
      'retention',
      'legal-hold',
      'torrent',
      'attributes',
      'uploads',
      'select'
    ])
      assert.equal(refuse('GET', `${KEY}?${name}&${SIGNED}`), 403, name)
  })

  test('streaming payload modes are refused wherever and however they are written', () => {
    const mode = 'STREAMING-UNSIGNED-PAYLOAD-TRAILER'
    assert.equal(refuse('PUT', `${KEY}?${SIGNED}`, { 'x-amz-content-sha256': mode }), 403)
    assert.equal(refuse('PUT', `${KEY}?${SIGNED}`, { 'x-amz-content-sha256': mode.toLowerCase() }), 403)
    assert.equal(refuse('PUT', `${KEY}?${SIGNED}`, { anything: `a, ${mode}` }), 403)
    assert.equal(refuse('PUT', `${KEY}?${SIGNED}&X-Amz-Content-Sha256=${mode}`), 403)
    assert.equal(refuse('PUT', `${KEY}?${SIGNED}&x-amz-content-sha256=%53TREAMING-X`), 403)
    assert.equal(refuse('PUT', `${KEY}?${SIGNED}&x-id=%2553TREAMING%252DX`), 403)
  })

  test('a parameter twice is refused: two readers could disagree on which counts', () => {
    assert.equal(refuse('GET', `${KEY}?${SIGNED}&versionId=1&versionid=2`), 403)
    assert.equal(refuse('GET', `${KEY}?${SIGNED}&X-Amz-Signature=def`), 403)
  })

  test('only the two buckets, only plain keys', () => {
    for (const path of [
      '/portico-drops/a/b',
      '/portico-documents',
      '/portico-documents/',
      '/portico-documents//a',
      '/portico-documents/../minio/admin/v3/info',
      '/portico-documents/%2e%2e/minio/admin/v3/info',
      '/portico-documents/a%2fb',
      '/portico-documents/a/./b',
      '/portico-documents/a\\b',
      '/portico-documentsx/a',
      '/minio/health/live'
    ])
      assert.equal(refuse('GET', `${path}?${SIGNED}`), 404, path)
    assert.ok(isStorePath('/portico-drops/a'), 'and the web is never asked for it')
    assert.ok(!isStorePath('/projects/portico-documents'))
  })

  test('cookies, authorisation and payload hashes stay outside; what was signed and asked for goes on', () => {
    const raw = [
      'Host',
      'portal',
      'Cookie',
      'portico=1',
      'Authorization',
      'AWS4 x',
      'X-Amz-Content-Sha256',
      'x'
    ]
    raw.push(
      'x-amz-copy-source',
      '/a/b',
      'X-Amz-Security-Token',
      't',
      'If-None-Match',
      '*',
      'Range',
      'bytes=0-1'
    )
    raw.push('Transfer-Encoding', 'chunked', 'Content-Length', '3')
    assert.deepEqual(storeRequestHeaders(raw, KEY), [
      ...['User-Agent', 'portico-edge'],
      ...['Host', 'portal', 'If-None-Match', '*', 'Range', 'bytes=0-1', 'Content-Length', '3']
    ])
  })

  test('the User-Agent is the download’s ticket, whatever the browser says', () => {
    const ticket = '01a2059d-6a35-7546-be33-876b04016471'
    const raw = ['User-Agent', 'portico-ticket/00000000-0000-0000-0000-000000000000']
    assert.deepEqual(storeRequestHeaders(raw, KEY), ['User-Agent', 'portico-edge'])
    assert.deepEqual(storeRequestHeaders(raw, `${KEY}?a=b&x-portico-ticket=${ticket}`), [
      'User-Agent',
      `portico-ticket/${ticket}`
    ])
  })
})

describe('the store’s answers', () => {
  const answer = (path: string, headers: Record<string, string>, status = 200) => {
    const flat = storeAnswerHeaders(path, status, Object.entries(headers).flat(), headers)
    const found = new Map<string, string>()
    for (let i = 0; i < flat.length; i += 2) found.set((flat[i] ?? '').toLowerCase(), flat[i + 1] ?? '')
    return found
  }

  test('an original is saved to disk and can do nothing in the portal’s origin', () => {
    const headers = answer(KEY, {
      'content-type': 'text/html',
      'set-cookie': 'a=b',
      server: 'x',
      location: '/y'
    })
    assert.equal(headers.get('content-disposition'), 'attachment')
    assert.equal(
      headers.get('content-security-policy'),
      "sandbox; default-src 'none'; frame-ancestors 'self'"
    )
    assert.equal(headers.get('x-content-type-options'), 'nosniff')
    for (const name of ['set-cookie', 'server', 'location']) assert.ok(!headers.has(name), name)
  })

  test('the name that was signed into the URL is kept, but not an inline disposition', () => {
    const named = `attachment; filename="a.pdf"`
    assert.equal(answer(KEY, { 'content-disposition': named }).get('content-disposition'), named)
    for (const bad of ['inline', 'inline; filename="a.html"', 'attachmentx', 'form-data'])
      assert.equal(answer(KEY, { 'content-disposition': bad }).get('content-disposition'), 'attachment')
  })

  test('only pictures that our functions made are shown', () => {
    const page = '/portico-derived/v/j/00001/1.jpg'
    assert.equal(answer(page, { 'content-type': 'image/jpeg' }).get('content-disposition'), 'inline')
    assert.equal(answer(page, { 'content-type': 'image/svg+xml' }).get('content-disposition'), 'attachment')
    assert.equal(answer(page, { 'content-type': 'image/jpeg' }, 403).get('content-disposition'), 'attachment')
    assert.equal(answer(KEY, { 'content-type': 'image/jpeg' }).get('content-disposition'), 'attachment')
  })
})

describe('calls of the API', () => {
  const path = (url: string) => functionPath(url, (name) => name === 'auth' || name === 'documents')

  test('a public function is reached with its path and query', () => {
    assert.equal(path('/api/v1/documents/folders/1?limit=2'), '/function/documents/folders/1?limit=2')
    assert.equal(path('/api/v1/auth'), '/function/auth')
  })

  test('a function’s health and readiness are not asked from outside', () => {
    for (const url of ['/api/v1/auth/_/health', '/api/v1/auth/_/ready', '/api/v1/auth/_'])
      assert.equal(path(url), null, url)
    assert.equal(path('/api/v1/auth/_x'), '/function/auth/_x')
  })

  test('functions that are not public, and paths that climb to them, are not', () => {
    for (const url of [
      '/api/v1/intake',
      '/api/v1/scan/',
      '/api/v1/auth/../intake',
      '/api/v1/auth/%2e%2E/intake',
      '/api/v1/auth/.%2e/intake',
      '/api/v1/auth/..%2fintake',
      '/api/v1/auth/a\\..\\intake',
      '/api/v2/auth',
      '/api/v1/',
      '/api/v1/AUTH'
    ])
      assert.equal(path(url), null, url)
  })
})

describe('headers from outside', () => {
  test('nobody outside can say where a request came from, or what our own processes say to each other', () => {
    for (const name of ['x-portico-edge-token', 'x-portico-client-address', 'x-forwarded-for', 'forwarded'])
      assert.ok(endsAtEdge(name), name)
    for (const name of ['x-callback-url', 'x-call-id', 'x-real-ip', 'x-function-name'])
      assert.ok(endsAtEdge(name), name)
    for (const name of ['cookie', 'origin', 'user-agent', 'idempotency-key', 'x-other'])
      assert.ok(!endsAtEdge(name), name)
  })

  test('headers of one hop, and those that Connection names, end here', () => {
    const raw = [
      'Connection',
      'close, X-Secret',
      'X-Secret',
      '1',
      'TE',
      'trailers',
      'Upgrade',
      'h2c',
      'Accept',
      '*/*'
    ]
    assert.deepEqual(endToEnd(raw), ['Accept', '*/*'])
  })

  test('the address is the peer’s, unless the peer is a proxy of ours', () => {
    const never = () => false
    assert.equal(clientAddress('::ffff:203.0.113.9', '198.51.100.1', never), '203.0.113.9')
    assert.equal(clientAddress('127.0.0.1', 'evil, 198.51.100.1', isLoopback), '198.51.100.1')
    assert.equal(clientAddress('127.0.0.1', 'not an address', isLoopback), '127.0.0.1')
    assert.equal(clientAddress(undefined, undefined, never), 'unknown')
  })
})

test('a Connection that would make other headers vanish is no plain one', () => {
  for (const plain of [undefined, '', 'close', 'Keep-Alive', 'keep-alive, Upgrade', 'TE, close'])
    assert.equal(isPlainConnection(plain), true, String(plain))
  for (const wrong of [
    'content-length',
    'close, Content-Length',
    'cookie',
    'transfer-encoding',
    'x-portico-edge-token'
  ])
    assert.equal(isPlainConnection(wrong), false, wrong)
})
