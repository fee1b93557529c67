import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, type Socket, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, beforeEach, test } from 'node:test'
import { type Handler, setStage } from '../support/functions.ts'

const TOKEN = 'intake-token-of-the-tests'

const stage = await setStage()
const intake: Handler = await stage.handler('intake')

beforeEach(() => stage.owner.query('truncate inbox, inbox_unreadable, job, job_attempt, incident'))

const record = (
  key: string,
  more: { event?: string; version?: string; bucket?: string; size?: number } = {}
) => ({
  eventName: more.event ?? 's3:ObjectCreated:Put',
  s3: {
    bucket: { name: more.bucket ?? 'portico-documents' },
    object: { key, versionId: more.version ?? 'v1', size: more.size ?? 5 }
  }
})

const send = async (body: unknown, token: string | null = TOKEN, method = 'POST'): Promise<Response> =>
  intake.fetch(
    new Request('http://intake/', {
      method,
      headers: { ...(token !== null && { authorization: `Bearer ${token}` }) },
      body: typeof body === 'string' ? body : JSON.stringify(body)
    })
  )

const inbox = async () =>
  (
    await stage.owner.query(
      'select bucket, key, object_version_id, kind, source, size::int from inbox order by key'
    )
  ).rows
const count = async (table: string): Promise<number> =>
  (await stage.owner.query(`select count(*)::int as n from ${table}`)).rows[0].n

test('an event becomes one inbox row and one job, and is answered 204', async () => {
  const answer = await send({
    Records: [record('a%2Fb+c%C3%A4.pdf', { event: 's3:ObjectCreated:CompleteMultipartUpload' })]
  })
  assert.equal(answer.status, 204)
  assert.deepEqual(await inbox(), [
    {
      bucket: 'portico-documents',
      key: 'a/b cä.pdf',
      object_version_id: 'v1',
      kind: 'created',
      source: 'event',
      size: 5
    }
  ])
  assert.equal(await count('job'), 1)
})

test('the same event twice, one after the other or at once, is one fact', async () => {
  const event = { Records: [record('a/b'), record('c/d')] }
  const answers = await Promise.all([send(event), send({ Records: event.Records.toReversed() }), send(event)])
  assert.deepEqual(
    answers.map((a) => a.status),
    [204, 204, 204]
  )
  assert.equal((await send(event)).status, 204)
  assert.equal(await count('inbox'), 2)
  assert.equal(await count('job'), 2)
})

test('a removal is a fact of its own; from the documents bucket it is an incident and no job', async () => {
  assert.equal((await send({ Records: [record('a/b', { event: 's3:ObjectRemoved:Delete' })] })).status, 204)
  assert.deepEqual(
    (await inbox()).map((row) => row.kind),
    ['removed']
  )
  assert.equal(await count('job'), 0)
  assert.equal(await count('incident'), 1)
})

test('a wrong token, or none, changes nothing', async () => {
  for (const token of [null, '', 'wrong', `${TOKEN}x`, TOKEN.slice(1)])
    assert.equal((await send({ Records: [record('a/b')] }, token)).status, 401)
  assert.equal(await count('inbox'), 0)
})

test('what cannot be read is kept as it came and answered 204, for a refused event blocks all behind it', async () => {
  const bad = [
    '{"Records":[',
    '',
    '[]',
    'null',
    { Records: [] },
    { Records: 'none' },
    { Records: [{ eventName: 's3:ObjectCreated:Put' }] },
    { Records: [record('a%ZZ')] },
    { Records: [record('a%00b')] },
    { Records: [record('a/b', { event: 's3:TestEvent' })] },
    { Records: [record('a/b', { size: -1 })] }
  ]
  for (const body of bad) assert.equal((await send(body)).status, 204, JSON.stringify(body))
  assert.equal(await count('inbox'), 0)
  assert.equal(await count('inbox_unreadable'), bad.length)
})

test('an event with one bad record keeps the good ones', async () => {
  assert.equal((await send({ Records: [record('a/b'), { eventName: 7 }] })).status, 204)
  assert.equal(await count('inbox'), 1)
  assert.equal(await count('inbox_unreadable'), 1)
})

test('what the database will never take does not come again and again', async () => {
  // Longer than any key of S3, and too long for the index.
  const key = randomBytes(9_000).toString('base64url')
  assert.equal((await send({ Records: [record(key)] })).status, 204)
  const kept = await stage.owner.query('select reason from inbox_unreadable')
  assert.deepEqual(kept.rows, [{ reason: 'refused: 54000' }])
})

test('a body without end is kept as far as a mebibyte', async () => {
  assert.equal((await send('x'.repeat(3_000_000))).status, 204)
  const kept = await stage.owner.query('select length(body) as n, reason from inbox_unreadable')
  assert.deepEqual(kept.rows, [{ n: 1_048_576, reason: 'larger than 1048576 bytes' }])
})

test('the store asks by HEAD and GET whether somebody is there', async () => {
  for (const method of ['HEAD', 'GET'])
    assert.equal((await intake.fetch(new Request('http://intake/', { method }))).status, 200)
  assert.equal((await intake.fetch(new Request('http://intake/', { method: 'DELETE' }))).status, 405)
})

/** A way to the database that can be shut: refused, or open and silent. */
async function gate(t: TestContext) {
  const target = new URL(stage.database.url('portico_intake'))
  const behind = Number(target.port)
  let silent = false
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    open.add(socket.on('error', () => undefined))
    if (silent) return
    const database = connect(behind, target.hostname)
    open.add(database.on('error', () => undefined))
    socket.pipe(database).pipe(socket)
  })
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const cut = () => {
    for (const socket of open) socket.destroy()
    open.clear()
  }
  const shut = () => {
    cut()
    return new Promise((resolve) => server.close(resolve))
  }
  await listen(0)
  t.after(shut)
  const { port } = server.address() as AddressInfo
  target.port = String(port)
  return {
    url: target.href,
    refuse: shut,
    hang: () => {
      silent = true
      cut()
    },
    open: async () => {
      silent = false
      cut()
      if (!server.listening) await listen(port)
    }
  }
}

/** intake as a process of its own, with this database URL. */
async function serve(t: TestContext, database_url: string): Promise<string> {
  const secrets = mkdtempSync(join(tmpdir(), 'portico-intake-'))
  cpSync(stage.secrets, secrets, { recursive: true })
  writeFileSync(join(secrets, 'db-intake'), database_url)
  const child = spawn(process.execPath, ['functions/_shared/serve.ts'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: {
      ...process.env,
      FUNCTION: 'intake',
      PORT: '0',
      HOST: '127.0.0.1',
      LOG_LEVEL: 'info',
      PORTICO_STDIN: 'watch',
      secret_mount_path: secrets
    }
  })
  t.after(() => {
    child.kill('SIGKILL')
    rmSync(secrets, { recursive: true })
  })
  return new Promise((resolve, reject) => {
    child.once('exit', () => reject(new Error('intake did not start')))
    child.stdout.on('data', (chunk) => {
      const port = /"event":"ready","port":(\d+)/.exec(String(chunk))?.[1]
      if (port) resolve(`http://127.0.0.1:${port}/`)
    })
  })
}

test('while the database is away the store is told to try again, in good time, and then it goes on', async (t) => {
  const database = await gate(t)
  const url = await serve(t, database.url)
  const post = async () => {
    const started = performance.now()
    const answer = await fetch(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKEN}` },
      body: JSON.stringify({ Records: [record('away/1')] })
    })
    return { status: answer.status, ms: performance.now() - started }
  }
  await database.refuse()
  assert.equal((await post()).status, 503)
  await database.open()
  database.hang()
  const hung = await post()
  assert.equal(hung.status, 503)
  assert.ok(hung.ms < 6_000, `${hung.ms} ms`)
  assert.equal(await count('inbox'), 0)
  await database.open()
  assert.equal((await post()).status, 204)
  assert.equal(await count('inbox'), 1)
})
