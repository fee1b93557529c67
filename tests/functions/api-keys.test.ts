import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { suite, test } from 'node:test'
import type { Activity } from '../../functions/_shared/contract/activity.ts'
import type { ApiKey, MadeApiKey, NewApiKey } from '../../functions/_shared/contract/api-key.ts'
import type { Project } from '../../functions/_shared/contract/document.ts'
import type { Receipt, Upload } from '../../functions/_shared/contract/upload.ts'
import { asCaller, file, put, setDocumentsStage } from '../support/documents.ts'
import { type CallWish, type Handler, call, problemCode } from '../support/functions.ts'

type Page<T> = { items: T[]; next: string | null }

const stage = await setDocumentsStage()
const [admin, audit, auth] = [
  await stage.handler('admin'),
  await stage.handler('audit'),
  await stage.handler('auth')
]
await stage.seedFirm()
const jonas = await stage.seedPerson({ name: 'Jonas Weber', staff_role: 'staff' })
const ingrid = await stage.seedPerson({ name: 'Ingrid Lindqvist', staff_role: 'administrator' })
const [jonasCookie, ingridCookie] = [await stage.signIn(jonas), await stage.signIn(ingrid)]
const asJonas = asCaller(stage.documents, jonasCookie)
const here = await asJonas.ok<Project>('POST', '/projects', { name: 'Here', client_id: null })
const there = await asJonas.ok<Project>('POST', '/projects', { name: 'There', client_id: null })
const [secret] = await asJonas.upload(there.id, [file('Secret.txt', 'of there')])
assert.ok(secret)

async function makeKey(wish: Partial<NewApiKey> = {}, cookie = jonasCookie): Promise<MadeApiKey> {
  const body = { name: 'Scanner', scopes: ['read', 'upload', 'write'], project_id: null, days: 30, ...wish }
  const answer = await call(admin, 'POST', '/keys', { cookie, body })
  assert.equal(answer.status, 201, await answer.clone().text())
  return answer.json()
}

/** A program: no cookie, no Origin. */
const byKey = (token: string, handler: Handler, method: string, path: string, wish: CallWish = {}) =>
  call(handler, method, path, {
    ...wish,
    origin: null,
    headers: { ...wish.headers, authorization: `Bearer ${token}` }
  })

const newFile = (name: string, text: string) => ({
  name,
  path: '',
  size: text.length,
  declared_type: 'text/plain',
  head_sha256: createHash('sha256').update(text).digest('hex')
})

suite('an API key', () => {
  test('is shown once and kept as SHA-256', async () => {
    const { key, token } = await makeKey({ name: 'Scan station' })
    assert.match(token, /^portico_[A-Za-z0-9_-]{43}$/)
    const { rows } = await stage.owner.query(
      'select token_hash, row_to_json(k)::text as all from api_key k where id = $1',
      [key.id]
    )
    assert.deepEqual(rows[0].token_hash, createHash('sha256').update(token).digest())
    assert.ok(!rows[0].all.includes(token))
    const listed = await call(admin, 'GET', '/keys', { cookie: jonasCookie })
    const text = await listed.text()
    assert.ok(text.includes('Scan station') && !text.includes(token))
  })

  test('uploads a file and reads its state, without a cookie and an origin', async () => {
    const { key, token } = await makeKey()
    const begun = await byKey(token, stage.documents, 'POST', '/uploads', {
      body: { folder_id: here.id, files: [newFile('By key.txt', 'hello')] }
    })
    assert.equal(begun.status, 201, await begun.clone().text())
    const [upload]: Upload[] = (await begun.json()).uploads
    assert.equal((await put(upload?.url ?? '', Buffer.from('hello'))).status, 200)
    const receipt: Receipt = await (
      await byKey(token, stage.documents, 'POST', '/uploads/complete', { body: { ids: [upload?.id] } })
    ).json()
    const document = receipt.outcomes[0]?.document
    assert.equal(document?.name, 'By key.txt')
    const read = await byKey(token, stage.documents, 'GET', `/documents/${document?.id}`)
    assert.equal((await read.json()).version.state, 'received')
    const { rows } = await stage.owner.query(
      `select action, convert_from(body, 'UTF8')::jsonb->'facts'->>'key_id' as key_id from audit
        where actor_id = $1 and (document_id = $2 or action = 'upload.started') order by seq desc limit 2`,
      [jonas.id, document?.id]
    )
    assert.deepEqual(rows, [
      { action: 'document.received', key_id: key.id },
      { action: 'upload.started', key_id: key.id }
    ])
  })

  test('does no more than its scopes', async () => {
    const { token } = await makeKey({ scopes: ['read'] })
    assert.equal((await byKey(token, stage.documents, 'GET', '/projects')).status, 200)
    const denied = await byKey(token, stage.documents, 'POST', '/folders', {
      body: { parent_id: here.id, name: 'No' }
    })
    assert.equal(denied.status, 403)
    assert.match((await denied.json()).detail, /scope "write"/)
  })

  test('does no more than its person', async () => {
    const stranger = await stage.seedPerson({ name: 'Stefan Stranger' })
    const { token } = await makeKey({}, await stage.signIn(stranger))
    assert.equal((await byKey(token, stage.documents, 'GET', `/projects/${here.id}`)).status, 404)
    assert.equal((await byKey(token, stage.documents, 'GET', `/documents/${secret.id}`)).status, 404)
  })

  test('opens no door of the administration and no session, whoever it belongs to', async () => {
    const { token } = await makeKey({}, ingridCookie)
    for (const [handler, method, path] of [
      [admin, 'GET', '/keys'],
      [admin, 'GET', '/people'],
      [admin, 'PATCH', '/firm'],
      [stage.documents, 'POST', `/documents/${secret.id}/release`]
    ] as const)
      assert.equal(
        (await byKey(token, handler, method, path, method === 'PATCH' ? { body: { name: 'Ours' } } : {}))
          .status,
        403,
        path
      )
    assert.equal((await byKey(token, auth, 'GET', '/session')).status, 401)
  })

  test('that is limited to a project reaches nothing of another, not even by an upload of its person', async () => {
    const { token } = await makeKey({ project_id: here.id })
    const seen: Page<Project> = await (await byKey(token, stage.documents, 'GET', '/projects')).json()
    assert.deepEqual(
      seen.items.map(({ id }) => id),
      [here.id]
    )
    const [upload] = await asJonas.begin(there.id, [file('Own.txt', 'own')])
    for (const path of [
      `/projects/${there.id}`,
      `/folders/${there.id}/documents`,
      `/documents/${secret.id}`,
      `/documents/${secret.id}/pages`,
      `/documents/${secret.id}/content`,
      `/uploads?folder_id=${there.id}`,
      `/uploads/${upload?.id}`
    ])
      assert.equal((await byKey(token, stage.documents, 'GET', path)).status, 404, path)
    const complete = await byKey(token, stage.documents, 'POST', '/uploads/complete', {
      body: { ids: [upload?.id] }
    })
    assert.equal((await complete.json()).outcomes[0].outcome, 'not_found')
    const begin = await byKey(token, stage.documents, 'POST', '/uploads', {
      body: { folder_id: there.id, files: [newFile('a.txt', 'a')] }
    })
    assert.equal(begin.status, 404)
    assert.equal(
      (await byKey(token, stage.documents, 'POST', '/projects', { body: { name: 'New' } })).status,
      403
    )
    assert.equal((await byKey(token, stage.documents, 'GET', `/projects/${here.id}`)).status, 200)
  })

  test('of an administrator that is limited to a project does not read the log of the firm', async () => {
    const whole = await makeKey({ scopes: ['read'] }, ingridCookie)
    await stage.seedGrant({ person_id: ingrid.id, node_id: here.id, level: 1 })
    const limited = await makeKey({ scopes: ['read'], project_id: here.id }, ingridCookie)
    assert.equal((await byKey(whole.token, audit, 'GET', '/activity')).status, 200)
    assert.equal((await byKey(limited.token, audit, 'GET', '/activity')).status, 403)
    assert.equal((await byKey(limited.token, audit, 'GET', `/activity?project_id=${there.id}`)).status, 404)
    assert.equal((await byKey(limited.token, audit, 'GET', `/activity?document_id=${secret.id}`)).status, 404)
    const own = await byKey(limited.token, audit, 'GET', `/activity?project_id=${here.id}`)
    const { items }: Page<Activity> = await own.json()
    assert.ok(items.length > 0 && items.every((act) => act.project_id === here.id))
  })

  test('does not answer with what another hand of the same person got', async () => {
    const { token } = await makeKey({ project_id: here.id })
    const wish = { body: { name: 'Kept', parent_id: here.id }, headers: { 'idempotency-key': 'the-same' } }
    assert.equal((await asJonas.send('POST', '/folders', wish.body, { headers: wish.headers })).status, 201)
    const again = await byKey(token, stage.documents, 'POST', '/folders', wish)
    assert.equal(await problemCode(again), 'idempotency_mismatch')
  })

  test('ends when it is revoked, when its time is over and when its person leaves', async () => {
    const look = async (token: string) => (await byKey(token, stage.documents, 'GET', '/projects')).status
    const revoked = await makeKey()
    assert.equal(await look(revoked.token), 200)
    const gone = await call(admin, 'DELETE', `/keys/${revoked.key.id}`, { cookie: jonasCookie })
    assert.equal(gone.status, 204)
    assert.equal(await look(revoked.token), 401)
    const over = await makeKey()
    await stage.owner.query(`update api_key set expires_at = now() where id = $1`, [over.key.id])
    assert.equal(await look(over.token), 401)
    const leaver = await stage.seedPerson({ name: 'Lea Leaver', staff_role: 'staff' })
    const left = await makeKey({}, await stage.signIn(leaver))
    assert.equal(await look(left.token), 200)
    await stage.owner.query(`update person set valid_until = now() where id = $1`, [leaver.id])
    assert.equal(await look(left.token), 401)
  })

  test('is revoked by its owner or an administrator, and by nobody else', async () => {
    const other = await stage.signIn(await stage.seedPerson({ name: 'Otto Other', staff_role: 'staff' }))
    const { key } = await makeKey()
    assert.equal((await call(admin, 'DELETE', `/keys/${key.id}`, { cookie: other })).status, 404)
    assert.equal((await call(admin, 'DELETE', `/keys/${key.id}`, { cookie: ingridCookie })).status, 204)
    assert.equal((await call(admin, 'DELETE', `/keys/${key.id}`, { cookie: ingridCookie })).status, 404)
    const { rowCount } = await stage.owner.query(
      `select from audit where action = 'key.revoked' and subject_id = $1`,
      [key.id]
    )
    assert.equal(rowCount, 1)
  })

  test('shows when it was used last', async () => {
    const { key, token } = await makeKey({ name: 'Used' })
    await byKey(token, stage.documents, 'GET', '/projects')
    const { items }: { items: ApiKey[] } = await (
      await call(admin, 'GET', '/keys', { cookie: jonasCookie })
    ).json()
    assert.ok(items.find((one) => one.id === key.id)?.last_used_at)
  })

  test('is not made for a project that its person does not see', async () => {
    const stranger = await stage.signIn(await stage.seedPerson({ name: 'Sven Stranger' }))
    const body = { name: 'Mine', scopes: ['read'], project_id: here.id, days: 1 }
    const answer = await call(admin, 'POST', '/keys', { cookie: stranger, body })
    assert.equal(answer.status, 422)
    assert.equal((await answer.json()).errors[0].field, 'project_id')
  })

  test('that is guessed is refused alike and soon slowed down', async () => {
    const guess = (token: string) =>
      byKey(token, stage.documents, 'GET', '/projects', { address: '203.0.113.9' })
    const first = await guess(`portico_${'A'.repeat(43)}`)
    assert.equal(first.status, 401)
    assert.equal((await guess('nonsense')).status, 401)
    let last = 401
    for (let i = 0; i < 80 && last === 401; i += 1) last = (await guess(`portico_${'B'.repeat(43)}`)).status
    assert.equal(last, 429)
  })

  test('does not make a foreign page harmless: with a cookie the Origin counts', async () => {
    const { token } = await makeKey()
    const answer = await call(stage.documents, 'POST', '/folders', {
      cookie: jonasCookie,
      origin: 'https://evil.example',
      headers: { authorization: `Bearer ${token}` },
      body: { parent_id: here.id, name: 'Evil' }
    })
    assert.equal(await problemCode(answer), 'wrong_origin')
  })
})
