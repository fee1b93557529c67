/** The edge in front of a real object store: what a browser can do with presigned URLs, and what nobody can do. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { type IncomingMessage, type OutgoingHttpHeaders, createServer, request } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { createServer as createTlsServer, getCACertificates, setDefaultCACertificates } from 'node:tls'
import { HeadObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { DERIVED, DOCUMENTS } from '../../functions/_shared/storage/buckets.ts'
import { openSigner } from '../../functions/_shared/storage/sign.ts'
import { createEdge } from '../../infra/edge/edge.ts'
import { createMachineDoor } from '../../infra/edge/machines.ts'
import { close, listen } from '../../infra/runner/listen.ts'
import { freePort } from '../../infra/runner/ports.ts'
import { noStore, realStore } from '../support/real-store.ts'

const noCertificates = spawnSync('openssl', ['version']).status === 0 ? false : 'no openssl on this machine'

type Answer = { status: number; headers: IncomingMessage['headers']; body: Buffer }

/** A bare HTTP client: nothing is added to what the test says. */
function send(
  method: string,
  url: string,
  headers: OutgoingHttpHeaders = {},
  body?: Buffer | string
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url)
    const path = url.replace(/^http:\/\/[^/]+/, '') // as it is: URL would tidy up what climbs
    const asked = request({ hostname, port, path, method, headers, agent: false }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks) })
      )
    })
    asked.on('error', reject)
    asked.end(body)
  })
}

describe('files through the edge', { skip: noStore }, async () => {
  if (noStore) return
  const port = await freePort()
  const origin = `http://localhost:${port}`
  const store = await realStore(origin)
  /** Stands where gateway and web would be: answers with what it was asked, so that the test sees what got through. */
  const inside = createServer((asked, answer) => {
    let size = 0
    asked.on('data', (chunk: Buffer) => (size += chunk.length))
    asked.on('end', () => answer.end(JSON.stringify({ url: asked.url, headers: asked.headers, size })))
  })
  const insidePort = await freePort()
  await listen(inside, insidePort, '127.0.0.1')
  const options = {
    origin,
    gateway: `http://127.0.0.1:${insidePort}`,
    store: store.endpoint,
    web: `http://127.0.0.1:${await freePort()}`,
    edge_token: 'the-token',
    is_public: (name: string) => name === 'documents',
    proxies: [],
    openapi: new URL('../../docs/openapi.json', import.meta.url)
  }
  const edge = createEdge(options)
  await listen(edge, port, '127.0.0.1')
  after(() => Promise.all([close(edge, 0), close(inside, 0)]))

  const app = store.secret('store-app')
  const signer = await openSigner(app, app.public_endpoint)
  const body = Buffer.from('<script>alert(1)</script>')
  let count = 0
  const newKey = () => `document-${process.pid}/version-${(count += 1)}`
  const put = async (key: string) => {
    const url = await signer.put({ bucket: DOCUMENTS, key, size: body.length, once: true })
    const answer = await send('PUT', url, { 'content-length': body.length, 'if-none-match': '*' }, body)
    assert.equal(answer.status, 200, answer.body.toString())
    return url
  }

  test('a presigned PUT arrives once; the same URL again is 412, another length 403', async () => {
    const url = await put(newKey())
    const again = await send('PUT', url, { 'content-length': body.length, 'if-none-match': '*' }, body)
    assert.equal(again.status, 412)
    const longer = Buffer.concat([body, body])
    const other = await signer.put({ bucket: DOCUMENTS, key: newKey(), size: body.length, once: true })
    const wrong = await send('PUT', other, { 'content-length': longer.length, 'if-none-match': '*' }, longer)
    assert.equal(wrong.status, 403)
  })

  test('a file comes back whole, in ranges too, as a download that cannot run', async () => {
    const key = newKey()
    await put(key)
    const url = await signer.get({
      bucket: DOCUMENTS,
      key,
      disposition: 'attachment; filename="a.html"',
      type: 'text/html'
    })
    const answer = await send('GET', url)
    assert.equal(answer.status, 200)
    assert.deepEqual(answer.body, body)
    assert.equal(answer.headers['content-disposition'], 'attachment; filename="a.html"')
    assert.equal(
      answer.headers['content-security-policy'],
      "sandbox; default-src 'none'; frame-ancestors 'self'"
    )
    assert.equal(answer.headers['x-content-type-options'], 'nosniff')
    assert.equal(answer.headers['cache-control'], 'private, no-store')
    for (const name of Object.keys(answer.headers))
      assert.ok(!/^(x-amz|x-minio|server|set-cookie)/.test(name), name)
    const part = await send('GET', url, { range: 'bytes=1-6' })
    assert.equal(part.status, 206)
    assert.equal(part.body.toString(), 'script')
  })

  test('an inline disposition in a URL signed by a stolen key is turned into a download', async () => {
    const key = newKey()
    await put(key)
    const url = await signer.get({ bucket: DOCUMENTS, key, disposition: 'inline', type: 'text/html' })
    assert.equal((await send('GET', url)).headers['content-disposition'], 'attachment')
  })

  test('a page image is shown', async () => {
    const pipeline = store.secret('store-pipeline')
    const inner = await openSigner(pipeline, pipeline.endpoint)
    const url = await inner.put({ bucket: DERIVED, key: 'v/j/00001/1.jpg' })
    await send('PUT', url, { 'content-type': 'image/jpeg', 'content-length': 3 }, 'jpg')
    const download = store.secret('store-download')
    const outer = await openSigner(download, download.public_endpoint)
    const answer = await send('GET', await outer.get({ bucket: DERIVED, key: 'v/j/00001/1.jpg' }))
    assert.equal(answer.status, 200)
    assert.equal(answer.headers['content-disposition'], 'inline')
    assert.equal(answer.headers['content-type'], 'image/jpeg')
  })

  test('a cookie and an Authorization header do not reach the store: with them it would refuse', async () => {
    const key = newKey()
    await put(key)
    const url = await signer.get({ bucket: DOCUMENTS, key })
    const headers = {
      cookie: 'portico=secret',
      authorization: 'AWS4-HMAC-SHA256 Credential=x',
      'x-amz-content-sha256': 'e3b0'
    }
    assert.equal((await send('GET', url, headers)).status, 200)
  })

  test('the streaming hole is shut: who knows the access key from a URL still cannot write', async () => {
    const key = newKey()
    const url = await signer.put({ bucket: DOCUMENTS, key })
    const unsigned = url.replace(/X-Amz-Signature=[^&]*/, 'X-Amz-Signature=0000')
    const mode = 'STREAMING-UNSIGNED-PAYLOAD-TRAILER'
    for (const spelling of [mode, mode.toLowerCase()]) {
      const headers = {
        'x-amz-content-sha256': spelling,
        'content-encoding': 'aws-chunked',
        'x-amz-decoded-content-length': '1'
      }
      assert.equal((await send('PUT', unsigned, headers, '1')).status, 403)
      assert.equal((await send('PUT', `${unsigned}&X-Amz-Content-Sha256=${spelling}`, {}, '1')).status, 403)
    }
    const inside_ = new S3Client({
      endpoint: store.endpoint,
      region: app.region,
      forcePathStyle: true,
      credentials: { accessKeyId: app.access_key_id, secretAccessKey: app.secret_access_key }
    })
    await assert.rejects(inside_.send(new HeadObjectCommand({ Bucket: DOCUMENTS, Key: key })), {
      name: 'NotFound'
    })
    inside_.destroy()
  })

  test('a listing, a deletion, the admin API and another host are out of reach', async () => {
    const url = await signer.get({ bucket: DOCUMENTS, key: 'a/b' })
    const query = url.slice(url.indexOf('?'))
    assert.equal((await send('GET', `${origin}/${DOCUMENTS}${query}`)).status, 404)
    assert.equal((await send('GET', `${origin}/${DOCUMENTS}/?list-type=2`)).status, 404)
    assert.equal((await send('DELETE', url)).status, 405)
    assert.equal((await send('GET', `${origin}/${DOCUMENTS}/../minio/admin/v3/info${query}`)).status, 404)
    assert.equal((await send('GET', url, { host: 'evil.example' })).status, 421)
    assert.equal((await send('GET', `${origin}/api/v1/documents`, { host: 'evil.example' })).status, 421)
  })

  test('the API gets what the edge says, not what a caller says', async () => {
    const answer = await send('GET', `${origin}/api/v1/documents/projects?limit=2`, {
      'x-portico-edge-token': 'guess',
      'x-portico-client-address': '203.0.113.1',
      'x-forwarded-for': '203.0.113.1',
      'x-callback-url': 'http://evil.example/',
      'x-call-id': 'mine',
      cookie: 'portico=1'
    })
    const seen = JSON.parse(answer.body.toString())
    assert.equal(seen.url, '/function/documents/projects?limit=2')
    assert.equal(seen.headers['x-portico-edge-token'], 'the-token')
    assert.equal(seen.headers['x-portico-client-address'], '127.0.0.1')
    assert.equal(seen.headers.cookie, 'portico=1')
    assert.notEqual(seen.headers['x-call-id'], 'mine')
    for (const name of ['x-forwarded-for', 'x-callback-url'])
      assert.equal(seen.headers[name], undefined, name)
  })

  test('a method that shows what the edge added is refused', async () => {
    for (const method of ['TRACE', 'PROPFIND'])
      assert.equal((await send(method, `${origin}/api/v1/documents/projects`)).status, 405, method)
  })

  test('functions that people may not call are not there', async () => {
    const answer = await send('POST', `${origin}/api/v1/intake`, {}, '{}')
    assert.equal(answer.status, 404)
    assert.equal(JSON.parse(answer.body.toString()).code, 'not_found')
  })

  test('a body over 1 MiB is refused, declared or not', async () => {
    const large = Buffer.alloc(1024 * 1024 + 1)
    const url = `${origin}/api/v1/documents/uploads`
    const declared = await send('POST', url, { 'content-length': large.length, expect: '100-continue' })
    assert.equal(declared.status, 413)
    const chunked = await send('POST', url, { 'transfer-encoding': 'chunked' }, large)
    assert.equal(chunked.status, 413)
    const small = await send('POST', url, { 'transfer-encoding': 'chunked' }, large.subarray(0, 1000))
    assert.equal(JSON.parse(small.body.toString()).size, 1000)
  })

  test('while the web is away people see a page in their language that tries again', async () => {
    const answer = await send('GET', `${origin}/projects`, { accept: 'text/html' })
    assert.equal(answer.status, 503)
    assert.match(answer.body.toString(), /lang="de".*lang="en".*lang="sv"/s)
    assert.match(answer.body.toString(), /http-equiv="refresh"/)
  })

  test(
    'a store elsewhere is asked by TLS and by its own name, and only with a certificate for that',
    { skip: noCertificates },
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'portico-edge-tls-'))
      const [key, cert] = [join(folder, 'key'), join(folder, 'cert')]
      const wish = [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-nodes',
        '-days',
        '1'
      ]
      spawnSync('openssl', [
        ...wish,
        '-subj',
        '/CN=localhost',
        '-addext',
        'subjectAltName=DNS:localhost',
        '-keyout',
        key,
        '-out',
        cert
      ])
      const names: (string | false | null)[] = []
      const secure = createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) }, (socket) => {
        names.push(socket.servername)
        const onward = connect(Number(new URL(store.endpoint).port), '127.0.0.1')
        socket.pipe(onward).pipe(socket)
        for (const one of [socket, onward]) one.on('error', () => undefined)
      }).on('tlsClientError', () => undefined)
      await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve))
      const elsewhere = `https://localhost:${(secure.address() as AddressInfo).port}`
      const door = createMachineDoor({ store: elsewhere })
      const [farPort, doorPort] = [await freePort(), await freePort()]
      const far = createEdge({ ...options, origin: `http://127.0.0.1:${farPort}`, store: elsewhere })
      await listen(far, farPort, '127.0.0.1')
      await listen(door, doorPort, '127.0.0.1')
      const signed = await openSigner(app, `http://127.0.0.1:${farPort}`)
      const trusted = getCACertificates('default')
      try {
        const url = await signed.put({ bucket: DOCUMENTS, key: newKey(), size: body.length, once: true })
        const sent = () => send('PUT', url, { 'content-length': body.length, 'if-none-match': '*' }, body)
        assert.equal((await sent()).status, 503, 'a certificate that nobody trusts')
        setDefaultCACertificates([...trusted, readFileSync(cert, 'utf8')])
        const answer = await sent()
        assert.equal(answer.status, 200, answer.body.toString())
        const before = names.length
        const nobody = await send('GET', `http://127.0.0.1:${doorPort}/portico-drops?location`, {
          authorization: `AWS4-HMAC-SHA256 Credential=nobody/20261129/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-security-token, Signature=${'0'.repeat(64)}`,
          'x-amz-security-token': 'a.b.c',
          'x-amz-content-sha256': 'UNSIGNED-PAYLOAD'
        })
        assert.equal(nobody.status, 400, 'judged by the store itself: there is no such date')
        assert.equal(names.length, before + 1)
        assert.deepEqual([...new Set(names)], ['localhost'])
      } finally {
        setDefaultCACertificates(trusted)
        await Promise.all([close(far, 0), close(door, 0)])
        secure.close()
        rmSync(folder, { recursive: true })
      }
    }
  )
})
