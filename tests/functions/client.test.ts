/** The package's own client against the running functions: `import { portico } from 'portico/client'`. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { before, describe, test } from 'node:test'
import { PorticoError, events, portico } from 'portico/client'
import { setDocumentsStage } from '../support/documents.ts'
import { type Handler, type SeededPerson, call } from '../support/functions.ts'

const stage = await setDocumentsStage()
const admin = await stage.handler('admin')
const functions: Record<string, Handler> = {
  documents: stage.documents,
  audit: await stage.handler('audit')
}

let jonas: SeededPerson
let project: string
let key: string

/** What the edge does: /api/v1/NAME/… to the function, with where it came from. */
async function edge(request: Request): Promise<Response> {
  const url = new URL(request.url)
  const [, , , name = '', ...rest] = url.pathname.split('/')
  const headers = new Headers(request.headers)
  headers.set('x-portico-edge-token', 'edge-token-of-the-tests')
  headers.set('x-portico-client-address', '198.51.100.9')
  const body = request.method === 'GET' ? null : await request.text()
  const to = new Request(`http://function.local/${rest.join('/')}${url.search}`, {
    method: request.method,
    headers,
    body
  })
  return functions[name]?.fetch(to) ?? new Response(null, { status: 404 })
}
const client = (token = key) => portico({ address: 'https://portal.example/', key: token, fetch: edge })

before(async () => {
  jonas = await stage.seedPerson({ staff_role: 'staff' })
  project = await stage.seedProject()
  await stage.seedGrant({ person_id: jonas.id, node_id: project, level: 3 })
  const cookie = await stage.signIn(jonas)
  const body = { name: 'Client', scopes: ['read', 'upload', 'write'], days: 1 }
  const made = await call(admin, 'POST', '/keys', { cookie, body })
  key = (await made.json()).token
})

describe('the client', () => {
  test('lists, makes a folder, sends a file and reads it back, every step typed', async () => {
    const { data: projects } = await client().GET('/api/v1/documents/projects')
    assert.deepEqual(
      projects?.items.map((one) => one.id),
      [project]
    )
    const { data: folder } = await client().POST('/api/v1/documents/folders', {
      body: { parent_id: project, name: 'By client' }
    })
    assert.ok(folder)
    const text = 'typed'
    const head_sha256 = createHash('sha256').update(text).digest('hex')
    const { data: begun } = await client().POST('/api/v1/documents/uploads', {
      body: { folder_id: folder.id, files: [{ name: 'a.txt', size: text.length, head_sha256 }] }
    })
    const upload = begun?.uploads[0]
    assert.ok(upload?.url)
    const put = await fetch(upload.url, { method: 'PUT', body: text, headers: { 'if-none-match': '*' } })
    assert.equal(put.status, 200)
    const { data: receipt } = await client().POST('/api/v1/documents/uploads/complete', {
      body: { ids: [upload.id] }
    })
    const id = receipt?.outcomes[0]?.document?.id ?? ''
    const { data: document } = await client().GET('/api/v1/documents/documents/{id}', {
      params: { path: { id } }
    })
    assert.equal(document?.name, 'a.txt')
  })

  test('throws what the portal says: its code, its status, the fields', async () => {
    const missing = client().GET('/api/v1/documents/documents/{id}', {
      params: { path: { id: '01890000-0000-7000-8000-000000000000' } }
    })
    await assert.rejects(
      missing,
      (error) => error instanceof PorticoError && error.code === 'not_found' && error.status === 404
    )
    const wrong = client().POST('/api/v1/documents/folders', { body: { parent_id: 'x', name: '' } })
    await assert.rejects(
      wrong,
      (error) => error instanceof PorticoError && error.errors.some((one) => one.field === 'name')
    )
    await assert.rejects(
      client('portico_nothing').GET('/api/v1/documents/projects'),
      (error) => error instanceof PorticoError && error.status === 401
    )
  })

  test('waits where it is told that it calls too often', async () => {
    let calls = 0
    const busy = async (request: Request): Promise<Response> => {
      calls += 1
      if (calls > 1) return edge(request)
      return Response.json({ code: 'too_many_attempts' }, { status: 429, headers: { 'retry-after': '1' } })
    }
    const patient = portico({ address: 'https://portal.example', key, fetch: busy })
    const { data } = await patient.GET('/api/v1/documents/projects')
    assert.equal(data?.items.length, 1)
    assert.equal(calls, 2)
  })

  test('follows what happens, and goes on from a place that it kept', async () => {
    const stop = new AbortController()
    const seen: string[] = []
    let place: string | undefined
    const follow = (async () => {
      for await (const { event, next } of events(client(), {
        types: ['folder.created'],
        signal: stop.signal
      })) {
        seen.push(event.type)
        place = next ?? undefined
        stop.abort()
      }
    })()
    await new Promise((resolve) => setTimeout(resolve, 300))
    const body = { parent_id: project, name: 'Followed' }
    await client().POST('/api/v1/documents/folders', { body })
    await assert.rejects(follow, /abort/i)
    assert.deepEqual(seen, ['folder.created'])
    await client().POST('/api/v1/documents/folders', { body: { ...body, name: 'Later' } })
    const later = await Array.fromAsync(
      events(client(), { after: place, follow: false, types: ['folder.created'] })
    )
    assert.equal(later.length, 1)
    // A break in the middle of a page: the place that is kept by then does not pass over the rest.
    await client().POST('/api/v1/documents/folders', { body: { ...body, name: 'Last' } })
    const [first] = await Array.fromAsync(
      events(client(), { after: place, follow: false, types: ['folder.created'] })
    )
    assert.ok(first?.next)
    const rest = await Array.fromAsync(
      events(client(), { after: first.next, follow: false, types: ['folder.created'] })
    )
    assert.equal(rest.length, 2)
  })
})
