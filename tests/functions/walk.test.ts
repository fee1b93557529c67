/** The night's walk: what it repairs, what it reports and leaves alone, and that another process goes on with it. */
import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { DeleteObjectCommand } from '@aws-sdk/client-s3'
import { PDFDocument } from 'pdf-lib'
import { boundOf } from '../../functions/clock/id-bound.ts'
import { type Place, listVersions } from '../../functions/_shared/storage/versions.ts'
import { call, setStage } from '../support/functions.ts'
import { findMinio, startStore } from '../support/store.ts'
import { put, seedUpload, startConnector, startGateway, until } from '../support/pipeline.ts'

test('the ids whose pages may lie between two keys are found from the keys', () => {
  const id = '0199a3b4-c5d6-7e8f-9012-3456789abcde'
  assert.equal(boundOf(`${id}/job/00001/1.jpg`, '0'), id)
  assert.equal(boundOf('', '0'), '00000000-0000-0000-0000-000000000000')
  assert.equal(boundOf('', 'f'), 'ffffffff-ffff-ffff-ffff-ffffffffffff')
  assert.equal(boundOf('archives/x', 'f'), 'afffffff-ffff-ffff-ffff-ffffffffffff')
})

const skip = findMinio() ? false : 'no minio binary: npm start builds one'
if (skip) {
  test('the walk', { skip }, () => undefined)
} else {
  const store = await startStore()
  const key = JSON.stringify(store.secret)
  const stage = await setStage({ secrets: { 'store-clock': key, 'store-pipeline': key } })
  const gateway = await startGateway(stage.secrets)
  const { signJobToken } = await import('../../functions/_shared/auth/job-token.ts')
  const { secretKey } = await import('../../functions/_shared/config.ts')
  let person_id: string
  let project_id: string

  before(async () => {
    project_id = await stage.seedProject()
    person_id = (await stage.seedPerson({ staff_role: 'administrator' })).id
    await stage.seedGrant({ person_id, node_id: project_id, level: 4 })
  })
  beforeEach(() => stage.owner.query('truncate reconciliation, job, job_attempt, incident, clock_mark'))
  after(() => gateway.stop())

  const query = async (text: string, values: unknown[] = []) => (await stage.owner.query(text, values)).rows

  const callClock = async (): Promise<{ outcome: string; result: { found: number } }> => {
    const token = await signJobToken(secretKey('job-signing-key'), 'clock', 'a job', 30)
    const answer = await fetch(`${gateway.url}/function/clock/`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify({ act: 'reconcile_all' })
    })
    assert.equal(answer.status, 200, await answer.clone().text())
    return answer.json()
  }
  /** A whole walk; its row. */
  const walk = async () => {
    while ((await callClock()).outcome !== 'done');
    const [row] = await query('select * from reconciliation order by begun_at desc limit 1')
    assert.ok(row.ended_at)
    return row
  }
  const upload = (text: string) =>
    seedUpload(stage, store, { person_id, project_id, name: 'a.txt', bytes: Buffer.from(text) })
  /** A document as the pipeline would have left it, with or without the act by which it came. */
  async function seedVersion(wish: {
    key?: string
    object_version_id?: string
    act?: boolean
    more?: string
  }) {
    const [made] = await query(
      `with d as (insert into document (folder_id, project_id, name) values ($1, $1, 'a.txt') returning id)
       insert into version (document_id, project_id, no, object_key, object_version_id, size, declared_type, state)
       select id, $1, 1, coalesce($2, id || '/' || gen_random_uuid()), $3, 5, 'text/plain', 'ready' from d
       returning id, document_id, object_key`,
      [project_id, wish.key ?? null, wish.object_version_id ?? 'gone']
    )
    if (wish.act !== false) await writeAct(made.document_id, made.id)
    return made
  }
  const writeAct = (document_id: string, subject_id: string, action = 'document.received') =>
    query(
      `with c as (update audit_counter set last = last + 1 returning last)
       insert into audit (seq, body, at, action, document_id, subject_id)
       select last, '{}', now(), $3, $1, $2 from c`,
      [document_id, subject_id, action]
    )
  const actsAbout = async (subject_id: string): Promise<string[]> =>
    (await query('select action from audit where subject_id = $1 order by seq', [subject_id])).map(
      (one) => one.action
    )
  /** Objects in the three buckets, each version counted. */
  const everywhere = async (): Promise<number> => {
    let count = 0
    for (const bucket of ['portico-documents', 'portico-drops', 'portico-derived'])
      for (let after_: Place | null = null, end = false; !end;) {
        const page = await listVersions(store.s3, bucket, { after: after_ })
        count += page.versions.length
        after_ = page.next
        end = page.next === null
      }
    return count
  }

  test('what nobody told of is written into the inbox and arrives', async () => {
    const up = await upload('lost event')
    await put(store, 'portico-drops', `${project_id}/dropped.txt`, Buffer.from('lost too'))
    const row = await walk()
    assert.deepEqual([row.inbox_rows, row.orphans, row.drops, row.dangling], [2, 0, 0, 0])
    const jobs = await query('select kind from job order by kind')
    assert.deepEqual(jobs.map((job) => job.kind).toSorted(), ['adopt', 'arrive'])
    assert.equal((await query('select from inbox where key = $1', [up.key])).length, 1)
    assert.deepEqual(await actsAbout(row.id), ['reconciliation.ended'])
    await query(`delete from job`)
    const second = await walk()
    assert.equal(second.inbox_rows, 0)
  })

  test('a version without its object is reported, an incident once, and its row stays', async () => {
    const gone = await seedVersion({})
    const row = await walk()
    assert.equal(row.dangling, 1)
    assert.deepEqual(row.findings[0], {
      kind: 'dangling',
      key: gone.object_key,
      document_id: gone.document_id
    })
    assert.equal((await walk()).dangling, 1)
    const noticed = await query(
      `select detail->>'version_id' as id from incident where kind = 'object_missing'`
    )
    assert.deepEqual(noticed, [{ id: gone.id }])
    assert.equal((await query('select from version where id = $1', [gone.id])).length, 1)
    await query(`update version set erased_at = now() where id = $1`, [gone.id])
    await writeAct(gone.document_id, gone.document_id, 'document.erased')
    assert.equal((await walk()).dangling, 0, 'what was erased is missed by nobody')
  })

  test('more of them than a page takes are all found', async () => {
    for (let i = 0; i < 150; i += 1) await seedVersion({})
    assert.equal((await walk()).dangling, 150)
    await query(`update version set erased_at = now() where object_version_id = 'gone'`)
    const again = await walk()
    assert.deepEqual([again.dangling, again.findings.length], [0, 0])
  })

  test('objects that are nobody’s are reported after an hour, and stay', async () => {
    const strange = 'not/ours'
    await put(store, 'portico-documents', strange, Buffer.from('x'))
    const drop = 'nowhere/at all.txt'
    await put(store, 'portico-drops', drop, Buffer.from('y'))
    const there = await everywhere()
    const early = await walk()
    assert.deepEqual([early.orphans, early.drops], [0, 0])
    await query(`delete from job`)
    await query(`update inbox set received_at = now() - interval '2 hours' where key = any($1)`, [
      [strange, drop]
    ])
    const row = await walk()
    assert.deepEqual([row.orphans, row.drops], [1, 1])
    assert.deepEqual(
      row.findings.map((one: { kind: string; key: string }) => [one.kind, one.key]),
      [
        ['orphan', strange],
        ['drop', drop]
      ]
    )
    assert.equal(await everywhere(), there)
  })

  test('pages whose files were lost are drawn again, while the version stays ready', async () => {
    await query(
      `insert into clock_mark (name, at) values ('schedule.reconcile_all', now()) on conflict do nothing`
    )
    const pdf = await PDFDocument.create()
    for (const no of [1, 2]) pdf.addPage([300, 400]).drawText(`Page ${no}`, { x: 40, y: 200 })
    const up = await seedUpload(stage, store, {
      ...{ person_id, project_id, name: 'two.pdf', type: 'application/pdf' },
      bytes: Buffer.from(await pdf.save())
    })
    const connector = startConnector(stage.secrets, gateway.url)
    try {
      const files = async (): Promise<string[]> =>
        (
          await query('select image_key, thumbnail_key, text_key from page where version_id = $1', [
            up.version_id
          ])
        ).flatMap((one) => [one.image_key, one.thumbnail_key, one.text_key])
      await query(`select inbox_record('portico-documents', $1, $2, 'created', 'event', 1)`, [
        up.key,
        up.object_version_id
      ])
      const isReady = async () =>
        (await query(`select from version where id = $1 and state = 'ready'`, [up.version_id])).length === 1
      await until('the version is ready', isReady, 60)
      const [lost = '', ...others] = await files()
      await store.s3.send(new DeleteObjectCommand({ Bucket: 'portico-derived', Key: lost }))
      const row = await walk()
      assert.equal(row.redrawn, 1)
      await until('drawn again', async () => (await actsAbout(up.version_id)).includes('version.redrawn'), 60)
      assert.ok(await isReady())
      assert.equal(
        (await actsAbout(up.version_id)).filter((one) => one === 'version.ready').length,
        1,
        'nothing else is said twice'
      )
      const listed = new Set((await listVersions(store.s3, 'portico-derived')).versions.map((one) => one.key))
      const now = await files()
      assert.equal(now.length, 6)
      assert.ok(now.every((file) => listed.has(file)))
      const next = await walk()
      assert.equal(next.redrawn, 0)
      assert.ok(next.leftovers >= others.length, 'the files of before are counted')
      assert.ok(
        others.every((file) => listed.has(file)),
        'and stay'
      )
      await query('delete from page where version_id = $1 and no = 2', [up.version_id])
      assert.equal((await walk()).redrawn, 1, 'a page that is not even in the database too')
    } finally {
      await connector.stop('SIGKILL')
    }
  })

  test('what the log lacks about a version is added, once, and says that it was', async () => {
    const silent = await seedVersion({ act: false })
    const erased = await seedVersion({})
    await query(`update version set erased_at = now() - interval '2 hours' where id = $1`, [erased.id])
    await query(`update version set erased_at = now() where id = $1`, [silent.id])
    assert.equal((await walk()).acts, 2)
    assert.deepEqual(await actsAbout(silent.id), ['log.completed'])
    assert.deepEqual(await actsAbout(erased.document_id), ['log.completed'])
    const [{ body }] = await query(
      `select convert_from(body, 'utf8') as body from audit where subject_id = $1`,
      [silent.id]
    )
    const { facts } = JSON.parse(body)
    assert.deepEqual([facts.missing, facts.size], ['received', 5])
    assert.equal((await walk()).acts, 0)
  })

  test('killed in the middle of a page, another process goes on there and nothing is counted twice', async () => {
    const keys = Array.from({ length: 2_100 }, (_, i) => `${project_id}/many/${i}.txt`)
    for (let i = 0; i < keys.length; i += 50)
      await Promise.all(
        keys.slice(i, i + 50).map((one) => put(store, 'portico-drops', one, Buffer.from('x')))
      )
    const written = async (): Promise<number> =>
      (await query(`select count(*)::int as n from inbox where key = any($1)`, [keys]))[0].n
    // The second page of drops waits for us when its repairs are done and nothing is committed.
    await query(`create function hold_page() returns trigger language plpgsql as
                 $$ begin perform pg_advisory_xact_lock(77); return new; end $$`)
    await query(`create trigger hold_page before update on reconciliation for each row
                 when (old.place->>'stage' = 'drops' and old.place->>'key' <> '') execute function hold_page()`)
    const holder = await stage.owner.connect()
    await holder.query('select pg_advisory_lock(77)')
    const waits = async () =>
      (await query(`select from pg_locks where locktype = 'advisory' and not granted`)).length > 0
    const seen = async () =>
      (await query('select place, objects, inbox_rows from reconciliation where ended_at is null'))[0]
    try {
      const killed = callClock().catch((error: unknown) => error)
      await until('the second page waits', waits, 60)
      const before_ = [await seen(), await written()]
      assert.ok(before_[0].inbox_rows > 0 && before_[1] < keys.length)
      gateway.kill('clock')
      assert.ok((await killed) instanceof Error)
      await holder.query('select pg_advisory_unlock(77)')
      await until('its connection is gone', async () => !(await waits()))
      await query('drop trigger hold_page on reconciliation')
      assert.deepEqual([await seen(), await written()], before_, 'what was not committed did not happen')
    } finally {
      holder.release()
    }
    const row = await walk()
    assert.equal((await query('select from reconciliation')).length, 1, 'it is the same walk')
    assert.deepEqual([await written(), row.inbox_rows], [keys.length, keys.length])
    assert.equal(Number(row.objects), await everywhere())
  })

  test('administrators see how it went, and nobody else', async () => {
    await walk()
    const admin = await stage.handler('admin')
    const ask = async (id: string) =>
      call(admin, 'GET', '/reconciliation', { cookie: await stage.signIn({ id }) })
    const { last, running } = await (await ask(person_id)).json()
    assert.equal(running, null)
    assert.ok(last.objects > 2_000 && last.ended_at !== null)
    const client = await stage.seedPerson({ staff_role: null })
    assert.ok([403, 404].includes((await ask(client.id)).status))
    const app = stage.database.pool('portico_app', 1)
    assert.deepEqual((await app.query('select * from reconciliations($1)', [client.id])).rows, [])
    await assert.rejects(app.query('select from reconciliation'), /permission denied/)
  })
}
