/** What was clean yesterday: scanned again with new signatures, by a real clamd, connector and clock. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { EICAR, noClamd, startClamd } from '../support/clamd.ts'
import { setStage } from '../support/functions.ts'
import { type Connector, seedUpload, startConnector, startGateway, until } from '../support/pipeline.ts'
import { findMinio, startStore } from '../support/store.ts'

const skip = noClamd || (findMinio() ? false : 'no minio binary: npm start builds one')

describe('scanned again', { skip }, async () => {
  if (skip) return
  const known = { Eicar: EICAR }
  const clamd = await startClamd(known, { number: 100, made: new Date() })
  const store = await startStore()
  const key = JSON.stringify(store.secret)
  const stage = await setStage({
    secrets: { 'store-pipeline': key, 'store-clock': key },
    env: { CLAMAV_HOST: '127.0.0.1', CLAMAV_PORT: String(clamd.port) }
  })
  const gateway = await startGateway(stage.secrets)
  const pipeline = stage.database.pool('portico_pipeline', 1)
  let connector: Connector
  let ingrid: string
  let petra: string

  before(async () => {
    ingrid = (await stage.seedPerson({ staff_role: 'administrator' })).id
    petra = (await stage.seedPerson()).id
    // The minute's own look would come in between; it has its turn below.
    await query(`insert into clock_mark (name, at) values ('schedule.scanner', now() + interval '1 hour')`)
    connector = startConnector(stage.secrets, gateway.url)
  })
  after(async () => {
    await connector.stop('SIGKILL')
    await gateway.stop()
  })

  const query = async (text: string, values: unknown[] = []) => (await stage.owner.query(text, values)).rows
  const version = async (id: string) => (await query('select * from version where id = $1', [id]))[0]
  const add = async (most: number): Promise<number> =>
    (await pipeline.query('select rescan_add($1) as added', [most])).rows[0].added
  const tell = async (): Promise<number> =>
    (await pipeline.query('select scanner_tell() as told')).rows[0].told
  const rescans = () => query(`select from job where kind = 'rescan' and state in ('ready', 'active')`)
  const untilRescanned = () => until('all were scanned again', async () => (await rescans()).length === 0, 30)

  async function project(): Promise<string> {
    const id = await stage.seedProject()
    await stage.seedGrant({ person_id: petra, node_id: id, level: 3 })
    return id
  }
  async function send(project_id: string, bytes: Buffer, name = 'a.txt') {
    const up = await seedUpload(stage, store, {
      person_id: petra,
      project_id,
      name,
      type: 'text/plain',
      bytes
    })
    await query(`select inbox_record('portico-documents', $1, $2, 'created', 'event', 1)`, [
      up.key,
      up.object_version_id
    ])
    return up
  }
  const ready = (id: string) =>
    until('the version is ready', async () => (await version(id))?.state === 'ready' && version(id), 40)
  /** The scanner is asked who it is, as each hour; done when the portal knows its signatures by this number. */
  async function asked(number: number): Promise<void> {
    await pipeline.query(`select job_add('scanner', '{}', '', 'scanner')`)
    await until('the portal knows the signatures', async () => {
      const [mark] = await query(`select data from clock_mark where name = 'scanner'`)
      return mark?.data.signatures === number
    })
  }

  const late = Buffer.from('a macro that nobody knew yesterday')
  const files: Record<'first' | 'late' | 'copy' | 'last', string> = {
    first: '',
    late: '',
    copy: '',
    last: ''
  }

  test('a version remembers who scanned it, with which signatures, and when', async () => {
    const [one, other] = [await project(), await project()]
    for (const [name, project_id, bytes] of [
      ['first', one, Buffer.from('first')],
      ['late', one, late],
      ['copy', other, late],
      ['last', other, Buffer.from('last')]
    ] as const) {
      files[name] = (await send(project_id, bytes)).version_id
      const done = await ready(files[name])
      assert.deepEqual([done.scan_result, done.scan_signatures], ['clean', 100])
      assert.match(done.scan_engine, /^ClamAV /)
      assert.ok(Math.abs(done.scanned_at - Date.now()) < 60_000)
    }
  })

  test('with the same signatures nothing is scanned again', async () => {
    await asked(100)
    assert.equal(await add(10), 0)
  })

  test('new ones: the newest come first, so many at a time, and the next when those are done', async () => {
    await clamd.learn({ ...known, 'Late-Hit': late }, { number: 101, made: new Date() })
    await asked(101)
    await connector.stop() // so that what is added can be looked at
    assert.equal(await add(1), 1)
    assert.equal(await add(1), 0, 'as long as the last batch is under way')
    const [job] = await query(`select data->>'version_id' as id from job where kind = 'rescan'`)
    assert.equal(job.id, files.last)
    connector = startConnector(stage.secrets, gateway.url)
    await untilRescanned()
    const last = await version(files.last)
    assert.deepEqual([last.state, last.scan_result, last.scan_signatures], ['ready', 'clean', 101])
    const acts = await query(`select action from audit where document_id = $1`, [last.document_id])
    assert.equal(acts.length, 3, 'a scan that finds nothing is no act')
  })

  test('a late hit is held wherever its bytes lie; ZIPs that hold it are handed out no more; people are told', async () => {
    const { document_id, project_id } = await version(files.copy)
    const [zip] = await query(
      `insert into archive (person_id, project_id, name, documents, count, size, state, ready_at)
       values ($1, $2, 'a.zip', array[$3::uuid], 1, 1, 'ready', now()) returning id`,
      [petra, project_id, document_id]
    )
    await query(
      `insert into archive_file (archive_id, place, project_id, document_id, version_id, path, size, sha256, state)
       select $1, 1, project_id, document_id, id, 'a.txt', size, sha256, 'waiting' from version where id = $2`,
      [zip.id, files.copy]
    )
    const heard: string[] = []
    const listener = await stage.owner.connect()
    listener.on('notification', ({ payload }) => heard.push(payload ?? ''))
    await listener.query('listen portico')
    assert.equal(await add(1), 1)
    await untilRescanned()
    const [one, other] = [await version(files.copy), await version(files.late)]
    for (const held of [one, other])
      assert.deepEqual(
        [held.state, held.scan_result, held.scan_detail, held.scan_signatures],
        ['held', 'infected', 'Late-Hit.UNOFFICIAL', 101]
      )
    for (const held of [one, other]) {
      assert.ok(
        heard.some((said) => said.includes(`project:${held.project_id}`)),
        `${heard}`
      )
      const told = await query(
        `select data->>'person_id' as id from job where kind = 'notify' and data->>'document_id' = $1`,
        [held.document_id]
      )
      for (const person of [ingrid, petra]) assert.ok(told.some(({ id }) => id === person))
      const acts = await query(
        `select convert_from(body, 'UTF8')::jsonb->'facts'->>'reason' as reason from audit
          where action = 'version.held' and subject_id = $1`,
        [held.id]
      )
      assert.deepEqual(acts, [{ reason: 'infected' }])
    }
    const [ended] = await query('select expires_at <= now() as ended from archive where id = $1', [zip.id])
    assert.equal(ended.ended, true)
    await listener.query('unlisten *')
    listener.release()
  })

  test('the rest follows by the clock’s own look, and then there is no more to do', async () => {
    await pipeline.query(`select job_add('clock', '{"act": "scanner"}', '', 'scanner')`)
    await until('it was scanned again', async () => (await version(files.first)).scan_signatures === 101)
    await untilRescanned()
    const [scans] = await query(
      `select count(*)::int as count from job where kind = 'rescan' and data->>'version_id' = $1`,
      [files.late]
    )
    assert.equal(scans.count, 0, 'what is held already is left alone')
    assert.equal(await add(10), 0)
    const [mark] = await query(`select data from clock_mark where name = 'rescan'`)
    assert.equal(mark.data.done, true)
  })

  test('what came while there was no scanner is looked at once there is one', async () => {
    await query(`update version set scan_result = 'not_scanned', scan_signatures = null where id = $1`, [
      files.first
    ])
    await clamd.learn(known, { number: 102, made: new Date() })
    await asked(102)
    assert.ok((await add(10)) >= 1)
    await untilRescanned()
    assert.equal((await version(files.first)).scan_result, 'clean')
  })

  test('bytes that are others than those of the first scan are an incident, and no verdict', async () => {
    await query(`update version set sha256 = sha256('other'), scan_signatures = 1 where id = $1`, [
      files.first
    ])
    await query(`delete from clock_mark where name = 'rescan'`)
    await add(10)
    await untilRescanned()
    const found = await query(
      `select from incident where kind = 'content_changed' and detail->>'version_id' = $1`,
      [files.first]
    )
    assert.equal(found.length, 1)
  })

  test('while the scanner is away a document waits; after five minutes administrators are told, once a day', async () => {
    assert.equal(await tell(), 0)
    await clamd.stop()
    const up = await send(await project(), Buffer.from('waits'))
    const waits = () =>
      query(`select from job where kind = 'scan' and data->>'version_id' = $1 and error = 'scanner_away'`, [
        up.version_id
      ])
    await until('the scan waits', async () => (await waits()).length === 1)
    assert.equal((await version(up.version_id)).state, 'received')
    assert.equal(await tell(), 0, 'not for a moment')
    await query(`update job set created_at = now() - interval '6 minutes' where kind = 'scan'`)
    assert.ok((await tell()) >= 1)
    const told = await query(
      `select data->>'person_id' as id from job where kind = 'notify' and data->>'template' = 'scanner'`
    )
    assert.ok(told.some(({ id }) => id === ingrid))
    assert.ok(!told.some(({ id }) => id === petra))
    assert.equal(await tell(), 0, 'the next minute nobody is told again')
    await until('it is asked each minute now', async () => {
      const [mark] = await query(`select data->>'problem' as problem from clock_mark where name = 'scanner'`)
      return mark?.problem === 'scanner_away'
    })
  })
})
