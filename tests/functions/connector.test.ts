import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { PDFDocument } from 'pdf-lib'
import { parse } from 'yaml'
import { setStage } from '../support/functions.ts'
import { findMinio, startStore } from '../support/store.ts'
import {
  type Connector,
  type Instead,
  put,
  seedUpload,
  startConnector,
  startGateway,
  until
} from '../support/pipeline.ts'

async function pdfOf(pages: number): Promise<Buffer> {
  const pdf = await PDFDocument.create()
  for (let no = 1; no <= pages; no += 1) pdf.addPage([300, 400]).drawText(`Page ${no}`, { x: 40, y: 200 })
  return Buffer.from(await pdf.save())
}

const skip = findMinio() ? false : 'no minio binary: npm start builds one'
if (skip) {
  test('the connector', { skip }, () => undefined)
} else {
  const store = await startStore()
  const key = JSON.stringify(store.secret)
  const stage = await setStage({ secrets: { 'store-pipeline': key, 'store-clock': key } })
  const gateway = await startGateway(stage.secrets)
  let connector: Connector
  let person_id: string
  let project_id: string

  before(async () => {
    project_id = await stage.seedProject()
    person_id = (await stage.seedPerson({ staff_role: 'administrator' })).id
    await stage.seedGrant({ person_id, node_id: project_id, level: 4 })
    connector = startConnector(stage.secrets, gateway.url)
  })
  after(async () => {
    await connector.stop('SIGKILL')
    await gateway.stop()
  })

  const app = stage.database.pool('portico_app', 1)
  const query = async (text: string, values: unknown[] = []) => (await stage.owner.query(text, values)).rows
  const version = async (id: string) => (await query('select * from version where id = $1', [id]))[0]
  const acts = async (document_id: string) =>
    (await query('select action from audit where document_id = $1 order by seq', [document_id])).map(
      (r) => r.action
    )
  const tell = (key: string, object_version_id: string, bucket = 'portico-documents', source = 'event') =>
    query('select inbox_record($1, $2, $3, $4, $5, $6)', [
      bucket,
      key,
      object_version_id,
      'created',
      source,
      1
    ])
  const incidents = async (key: string) =>
    (await query(`select kind from incident where detail->>'key' = $1`, [key])).map((r) => r.kind)
  /** Not to wait for the back-off: what is put off is due at once. */
  const hurry = (kind: string) =>
    query(`update job set run_at = now() where kind = $1 and state = 'ready' and attempt > 0`, [kind])
  const idle = () =>
    until('no job waits', async () => {
      await hurry('arrive')
      return (
        (
          await query(
            `select from job where state in ('ready', 'active') and kind not in ('clock', 'notify')`
          )
        ).length === 0
      )
    })
  const begin_again = async (id: string) =>
    assert.equal((await app.query('select id from jobs_again($1)', [[id]])).rowCount, 1)
  const deathOf = (kind: string, version_id: string) =>
    until(
      `the ${kind} job is dead`,
      async () => {
        await hurry(kind)
        const about = [kind, version_id]
        return (
          await query(`select * from job where kind = $1 and state = 'dead' and unique_key = $2`, about)
        )[0]
      },
      40
    )
  /** There again in a moment, and dead over the next job. */
  const dies: Instead = (request, response) =>
    response.writeHead(request.url?.endsWith('/_/health') ? 200 : 502).end()
  const upload = (bytes: Buffer, name = 'a.txt', type = 'text/plain') =>
    seedUpload(stage, store, { person_id, project_id, name, type, bytes })
  const ready = (id: string) =>
    until('the version is ready', async () => (await version(id))?.state === 'ready' && version(id), 60)

  test('what arrived is scanned, previewed and ready, once, with its acts', async () => {
    const up = await upload(await pdfOf(3), 'three.pdf', 'application/pdf')
    await Promise.all([tell(up.key, up.object_version_id), tell(up.key, up.object_version_id)])
    const done = await ready(up.version_id)
    assert.equal(done.preview_result, 'complete')
    assert.equal(done.page_count, 3)
    assert.equal(done.scan_result, 'not_scanned')
    assert.equal(done.detected_type, 'application/pdf')
    const pages = await query('select no, image_key, text_key from page where version_id = $1 order by no', [
      up.version_id
    ])
    assert.deepEqual(
      pages.map((page) => page.no),
      [1, 2, 3]
    )
    assert.deepEqual(await acts(up.document_id), ['document.received', 'version.checked', 'version.ready'])
  })

  test('the same fact from another side, later, changes nothing', async () => {
    const up = await upload(Buffer.from('hello'))
    await tell(up.key, up.object_version_id)
    await ready(up.version_id)
    await tell(up.key, up.object_version_id, 'portico-documents', 'reconciliation')
    await idle()
    assert.deepEqual(await acts(up.document_id), ['document.received', 'version.checked', 'version.ready'])
  })

  test('a key that is not there, a key that is not ours and a second version of a key are incidents, never content', async () => {
    const there = await upload(Buffer.from('one'))
    await tell(there.key, there.object_version_id)
    await ready(there.version_id)
    const second = await put(store, 'portico-documents', there.key, Buffer.from('two'))
    await tell(there.key, second)
    const foreign = 'not/ours'
    await tell(foreign, await put(store, 'portico-documents', foreign, Buffer.from('x')))
    await tell('nothing/here', '01234567-89ab-4cde-8f01-23456789abcd')
    await idle()
    assert.deepEqual(await incidents(there.key), ['other_version'])
    assert.equal((await version(there.version_id)).object_version_id, there.object_version_id)
    assert.deepEqual(await incidents(foreign), ['foreign_key'])
    assert.deepEqual(await incidents('nothing/here'), ['object_missing'])
    assert.equal((await query(`select from audit where action = 'incident.noticed'`)).length, 3)
  })

  test('a drop becomes a document of its project, in the folders of its path, and each version of it another one', async () => {
    const drop = `${project_id}/2025/Beläge/Rech nung.txt`
    for (const text of ['one', 'two'])
      await tell(drop, await put(store, 'portico-drops', drop, Buffer.from(text)), 'portico-drops')
    const made = await until('two documents', async () => {
      const found = await query(
        `select d.id, d.name, v.state, n.name as folder, encode(v.sha256, 'hex') as sha256 from document d
           join version v on v.document_id = d.id join node n on n.id = d.folder_id
          where d.name like 'Rech nung%' and v.state = 'ready' order by d.name`
      )
      return found.length === 2 && found
    })
    assert.deepEqual(
      made.map((one) => [one.name, one.folder]),
      [
        ['Rech nung (2).txt', 'Beläge'],
        ['Rech nung.txt', 'Beläge']
      ]
    )
    assert.equal((await query(`select from node where kind = 'folder'`)).length, 2)
    for (const { id } of made)
      assert.deepEqual(await acts(id), ['document.adopted', 'version.checked', 'version.ready'])
    // The copies' own events find the documents there.
    for (const { object_key, object_version_id } of await query(
      `select object_key, object_version_id from version where document_id = any($1::uuid[])`,
      [made.map((one) => one.id)]
    ))
      await tell(object_key, object_version_id)
    await idle()
    assert.equal((await query(`select from incident where kind = 'foreign_key'`)).length, 1)
  })

  test('a drop for a project that does not exist is an incident and a dead letter', async () => {
    const drop = '01890000-0000-7000-8000-000000000000/a.txt'
    await tell(drop, await put(store, 'portico-drops', drop, Buffer.from('x')), 'portico-drops')
    await idle()
    assert.deepEqual(await incidents(drop), ['unknown_project'])
    assert.equal((await query(`select from job where kind = 'adopt' and state = 'dead'`)).length, 1)
  })

  test('a function that is away, busy or refuses our token is tried again and blamed on nobody', async () => {
    const answers = [503, 404, 401, 429]
    gateway.instead('scan', (_request, response) => {
      const next = answers.shift()
      if (answers.length === 0) gateway.instead('scan', null)
      response.writeHead(next ?? 503).end()
    })
    const up = await upload(Buffer.from('patience'))
    await tell(up.key, up.object_version_id)
    await until('ready in the end', async () => (await version(up.version_id))?.state === 'ready', 40)
    const [job] = await query(`select attempt from job where kind = 'scan' and unique_key = $1`, [
      up.version_id
    ])
    assert.equal(job.attempt, 1)
  })

  test('a function to which the gateway finds no way costs one attempt, however long it is away', async () => {
    let met = 0
    gateway.instead('scan', (_request, response) => {
      met += 1
      response.writeHead(500, { 'x-openfaas-internal': 'proxy' }).end()
    })
    const up = await upload(Buffer.from('no way'))
    await tell(up.key, up.object_version_id)
    await until('asked for again and again', async () => {
      await hurry('scan')
      return met > 12
    })
    gateway.instead('scan', null)
    await ready(up.version_id)
    const [job] = await query(`select attempt from job where kind = 'scan' and unique_key = $1`, [
      up.version_id
    ])
    assert.equal(job.attempt, 2)
  })

  test('a job that kills its function each time becomes a dead letter, and its version says why', async () => {
    gateway.instead('preview', dies)
    const up = await upload(Buffer.from('poison'))
    await tell(up.key, up.object_version_id)
    const dead = await deathOf('preview', up.version_id)
    gateway.instead('preview', null)
    assert.ok(dead.attempt <= 6, `${dead.attempt} attempts`)
    const left = await version(up.version_id)
    assert.equal(left.state, 'ready')
    assert.equal(left.preview_result, 'broken')
    assert.deepEqual(await acts(up.document_id), [
      'document.received',
      'version.checked',
      'version.not_previewed',
      'job.dead'
    ])
    await begin_again(dead.id)
    const drawn = await until('drawn after all', async () => {
      const now = await version(up.version_id)
      assert.equal(now.state, 'ready', 'whoever may read it reads it meanwhile')
      return now.preview_result === 'complete' && now
    })
    assert.equal(drawn.page_count, 1)
    assert.equal((await query('select from page where version_id = $1', [up.version_id])).length, 1)
    assert.equal((await acts(up.document_id)).at(-1), 'version.redrawn')
  })

  test('a scan that was given up holds the version; begun again, it is scanned and ready', async () => {
    gateway.instead('scan', dies)
    const up = await upload(Buffer.from('unread'))
    await tell(up.key, up.object_version_id)
    const dead = await deathOf('scan', up.version_id)
    gateway.instead('scan', null)
    assert.equal((await version(up.version_id)).state, 'held')
    await begin_again(dead.id)
    const done = await ready(up.version_id)
    assert.ok(done.sha256)
    assert.equal(done.scan_detail, null)
    assert.deepEqual((await acts(up.document_id)).slice(1), [
      'version.held',
      'job.dead',
      'version.checked',
      'version.ready'
    ])
  })

  test('a job whose connector was killed at its last attempt is written down as dead by the next one', async () => {
    const up = await upload(Buffer.from('last'))
    await connector.stop('SIGKILL')
    await tell(up.key, up.object_version_id)
    await query(
      `update job set state = 'active', attempt = max_attempts, token = gen_random_uuid(), run_at = now()
        where kind = 'arrive' and data->>'key' = $1`,
      [up.key]
    )
    connector = startConnector(stage.secrets, gateway.url)
    await until(
      'dead',
      async () =>
        (await query(`select from job where state = 'dead' and data->>'key' = $1`, [up.key])).length === 1
    )
    assert.deepEqual(await incidents(up.key), ['not_received'])
    assert.equal((await query(`select from audit where action = 'job.dead'`)).length, 4)
  })

  test('a connector that is killed leaves its jobs to their leases; nothing happens twice', async () => {
    const ups = await Promise.all(
      Array.from({ length: 12 }, (_, i) => upload(Buffer.from(`killed ${i}`), `k${i}.txt`))
    )
    for (const up of ups) await tell(up.key, up.object_version_id)
    await until(
      'the first one is ready',
      async () =>
        (
          await query(`select from version where state = 'ready' and id = any($1)`, [
            ups.map((u) => u.version_id)
          ])
        ).length > 0
    )
    await connector.stop('SIGKILL')
    connector = startConnector(stage.secrets, gateway.url)
    await until(
      'all are ready',
      async () =>
        (
          await query(`select from version where state = 'ready' and id = any($1)`, [
            ups.map((u) => u.version_id)
          ])
        ).length === 12,
      60
    )
    for (const up of ups)
      assert.deepEqual(await acts(up.document_id), ['document.received', 'version.checked', 'version.ready'])
  })

  test('asked to end, it ends what runs and leaves', async () => {
    const up = await upload(Buffer.from('bye'))
    await tell(up.key, up.object_version_id)
    assert.equal(await connector.stop('SIGTERM'), 0)
    assert.equal((await query(`select from job where state = 'active'`)).length, 0)
    connector = startConnector(stage.secrets, gateway.url)
    await ready(up.version_id)
  })

  test('one that hangs is seen by whoever looks after its container', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'portico-alive-'))
    const file = join(folder, 'alive')
    process.env.ALIVE_FILE = file
    const other = startConnector(stage.secrets, gateway.url)
    delete process.env.ALIVE_FILE
    const { services } = parse(readFileSync('infra/deploy/compose/compose.yml', 'utf8'), { merge: true })
    const [, , flag, script] = services.connector.healthcheck.test
    const chart = readFileSync('infra/deploy/helm/portico/templates/parts.yaml', 'utf8')
    assert.ok(chart.includes(script.replace('/tmp/alive', '{{ . }}')), 'the chart asks the same')
    const isWell = () =>
      spawnSync(process.execPath, [flag, script.replace(services.connector.environment.ALIVE_FILE, file)])
        .status === 0
    try {
      assert.equal(isWell(), false, 'it has not begun')
      await until('it tells of itself', async () => isWell())
      other.child.kill('SIGSTOP')
      const before = new Date(Date.now() - 180_000)
      utimesSync(file, before, before)
      assert.equal(isWell(), false)
      other.child.kill('SIGCONT')
      await until('it goes on', async () => isWell())
      const [mark] = await query(
        `select from clock_mark where name = 'connector' and at > now() - interval '1 minute'`
      )
      assert.ok(mark, 'the doctor sees it in the database')
    } finally {
      await other.stop('SIGKILL')
      rmSync(folder, { recursive: true })
    }
  })
}
