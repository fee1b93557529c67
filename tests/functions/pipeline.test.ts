import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import { setStage } from '../support/functions.ts'
import { put } from '../support/pipeline.ts'
import { findMinio, startStore } from '../support/store.ts'

const skip = findMinio() ? false : 'no minio binary: npm start builds one'
if (skip) {
  test('the kinds of jobs', { skip }, () => undefined)
} else {
  const store = await startStore()
  const stage = await setStage({ secrets: { 'store-pipeline': JSON.stringify(store.secret) } })
  const { secret, secretKey, storeSecret } = await import('../../functions/_shared/config.ts')
  const { openDatabase } = await import('../../functions/_shared/db/database.ts')
  const { storeClient } = await import('../../functions/_shared/storage/client.ts')
  const { openSigner } = await import('../../functions/_shared/storage/sign.ts')
  const { scan } = await import('../../functions/_shared/pipeline/scan.ts')
  const { rescan } = await import('../../functions/_shared/pipeline/rescan.ts')
  const { preview } = await import('../../functions/_shared/pipeline/preview.ts')
  const { placeOfDrop } = await import('../../functions/_shared/pipeline/adopt.ts')
  type Kind = typeof scan
  type Job = Parameters<Kind['prepare']>[0]
  type Answer = Parameters<Kind['apply']>[2]

  const database = openDatabase(secret('db-pipeline'), 2)
  const key = storeSecret('store-pipeline')
  const deps = {
    database,
    store: storeClient(key),
    signer: await openSigner(key, key.endpoint),
    job_signing_key: secretKey('job-signing-key')
  }
  after(() => database.close())

  const query = async (text: string, values: unknown[] = []) => (await stage.owner.query(text, values)).rows
  let project_id: string
  let uploader: string
  let administrator: string

  before(async () => {
    project_id = await stage.seedProject()
    administrator = (await stage.seedPerson({ staff_role: 'administrator' })).id
    uploader = (await stage.seedPerson()).id
  })

  /** A version in a state, and a job about it as if it were claimed. */
  async function jobFor(
    kind: string,
    state: string,
    cursor: unknown = null
  ): Promise<Job & { version_id: string }> {
    const [made] = await query(
      `with d as (insert into document (folder_id, project_id, name, created_by) values ($1, $1, 'a.pdf', $2) returning id)
       insert into version (document_id, project_id, no, object_key, object_version_id, size, declared_type, state, created_by)
       select id, $1, 1, id || '/' || uuidv7(), 'v1', 5, 'application/pdf', $3, $2 from d returning id`,
      [project_id, uploader, state]
    )
    const data = { version_id: made.id, project_id }
    return {
      id: randomUUID(),
      kind,
      data,
      cursor,
      fairness_key: 'client',
      attempt: 1,
      max_attempts: 12,
      token: randomUUID(),
      version_id: made.id
    }
  }
  const apply = (kind: Kind, job: Job, answer: Answer) =>
    database.transaction([], (session, acts) => kind.apply(session, job, answer, acts))
  const version = async (id: string) => (await query('select * from version where id = $1', [id]))[0]
  const acts = async (id: string) =>
    (
      await query(
        `select action, convert_from(body, 'UTF8')::jsonb->'facts' as facts from audit where subject_id = $1 order by seq`,
        [id]
      )
    ).map(({ action, facts }) => `${action} ${facts.reason ?? facts.scan_result ?? facts.pages}`)
  const told = async (version_id: string) =>
    (
      await query(
        `select data->>'person_id' as who from job where kind = 'notify' and unique_key like 'held:' || $1 || ':%'`,
        [version_id]
      )
    )
      .map((row) => row.who)
      .sort()
  const found = (scan_result: string, scan_detail: string | null = null): Answer => ({
    outcome: 'done',
    result: {
      size: 5,
      sha256: 'ab'.repeat(32),
      detected_type: 'application/pdf',
      name_matches_type: true,
      scan_result,
      scan_detail
    }
  })

  test('an infected file is held, nothing comes next, and its uploader and the administrators are told once', async () => {
    const job = await jobFor('scan', 'received')
    await apply(scan, job, found('infected', 'Eicar-Test-Signature'))
    await apply(scan, job, found('infected', 'Eicar-Test-Signature'))
    const held = await version(job.version_id)
    assert.equal(held.state, 'held')
    assert.equal(held.scan_detail, 'Eicar-Test-Signature')
    assert.deepEqual(await told(job.version_id), [administrator, uploader].sort())
    assert.deepEqual(await acts(job.version_id), ['version.held infected'])
    assert.equal(
      (await query(`select from job where kind = 'preview' and unique_key = $1`, [job.version_id])).length,
      0
    )
  })

  test('what nobody scanned goes on where the firm delivers it, and is held where it does not', async () => {
    const goes = await jobFor('scan', 'received')
    await apply(scan, goes, found('not_scanned'))
    assert.equal((await version(goes.version_id)).state, 'checked')
    await query('update firm set deliver_unscanned = false')
    const stays = await jobFor('scan', 'received')
    await apply(scan, stays, found('too_large'))
    await query('update firm set deliver_unscanned = true')
    assert.equal((await version(stays.version_id)).state, 'held')
    assert.deepEqual(await told(stays.version_id), [administrator])
    assert.deepEqual(await acts(stays.version_id), ['version.held too_large'])
  })

  test('a scan that gives up holds the file', async () => {
    const job = await jobFor('scan', 'received')
    await database.transaction([], (session, own) => scan.give_up(session, job, 'status_502', own))
    assert.equal((await version(job.version_id)).state, 'held')
    assert.deepEqual(await acts(job.version_id), ['version.held scan_failed'])
  })

  test('what was released unread is judged by the first scan that reads it, and is no other content', async () => {
    const job = await jobFor('rescan', 'ready')
    await apply(rescan, job, found('infected', 'Eicar-Test-Signature'))
    const held = await version(job.version_id)
    assert.equal(held.state, 'held')
    assert.equal(held.sha256.toString('hex'), 'ab'.repeat(32))
    assert.equal((await query(`select from incident where kind = 'content_changed'`)).length, 0)
  })

  test('a function gets one version to read and only its own places to write', async () => {
    const job = await jobFor('preview', 'checked')
    const prepared = await preview.prepare(job, deps)
    assert.ok('call' in prepared)
    const body = prepared.call.body as {
      input: { url: string }
      output: { key: string; url: string; page: number }[]
    }
    const input = new URL(body.input.url)
    assert.equal(input.searchParams.get('versionId'), 'v1')
    assert.deepEqual([...new Set(body.output.map((slot) => slot.page))], [1, 2])
    for (const slot of body.output) {
      assert.ok(slot.key.startsWith(`${job.version_id}/${job.id}/`))
      const url = new URL(slot.url)
      assert.equal(url.pathname, `/portico-derived/${slot.key}`)
      assert.ok(Number(url.searchParams.get('X-Amz-Expires')) <= 90)
    }
    const other = new URL(body.output[0]?.url ?? '')
    other.pathname = '/portico-derived/somebody/elses'
    assert.equal((await fetch(other, { method: 'PUT', body: 'x' })).status, 403)
    const right = await fetch(body.output[0]?.url ?? '', { method: 'PUT', body: 'x' })
    assert.equal(right.status, 200)
  })

  test('pages that did not arrive, or lie elsewhere, are not believed', async () => {
    const job = await jobFor('preview', 'checked')
    const prefix = `${job.version_id}/${job.id}/00001/`
    const page = (at: string) => ({
      no: 1,
      width: 10,
      height: 10,
      image_key: `${at}1.jpg`,
      thumbnail_key: `${at}1.small.jpg`,
      text_key: null
    })
    const answer = (at: string): Answer => ({
      outcome: 'done',
      result: { pages: [page(at)], page_count: 1, preview_result: 'complete', reason: null }
    })
    const look = async (one: Answer) => (await preview.look?.(job, one, deps))?.outcome
    assert.equal(await look(answer(prefix)), 'retry')
    for (const ending of ['jpg', 'small.jpg']) {
      await put(store, 'portico-derived', `${prefix}1.${ending}`, Buffer.from('x'))
      await put(store, 'portico-derived', `other/place/00001/1.${ending}`, Buffer.from('x'))
    }
    assert.equal(await look(answer(prefix)), 'done')
    assert.equal(await look(answer('other/place/00001/')), 'retry')
  })

  test('first pages can be looked at while others are being made; the last ones make it ready', async () => {
    const job = await jobFor('preview', 'checked')
    const page = (no: number) => ({
      no,
      width: 10,
      height: 10,
      image_key: `i${no}`,
      thumbnail_key: `t${no}`,
      text_key: null
    })
    const pages = { page_count: 3, preview_result: null, reason: null }
    await apply(preview, job, {
      outcome: 'continue',
      cursor: { next_page: 3 },
      result: { ...pages, pages: [page(1), page(2)] }
    })
    assert.equal((await version(job.version_id)).state, 'previewing')
    const last = { ...pages, pages: [page(3)], preview_result: 'complete' }
    await apply(preview, { ...job, cursor: { next_page: 3, broken: 0 } }, { outcome: 'done', result: last })
    const done = await version(job.version_id)
    assert.deepEqual([done.state, done.page_count, done.preview_result], ['ready', 3, 'complete'])
    assert.deepEqual(await acts(job.version_id), ['version.ready 3'])
  })

  test('what has no preview is ready and says why; a held version gets no pages', async () => {
    const job = await jobFor('preview', 'checked')
    const none = { pages: [], page_count: null, preview_result: 'encrypted', reason: 'password' }
    await apply(preview, job, { outcome: 'done', result: none })
    assert.deepEqual(await acts(job.version_id), ['version.not_previewed encrypted'])
    const held = await jobFor('preview', 'held')
    const page = { no: 1, width: 1, height: 1, image_key: 'i', thumbnail_key: 't', text_key: null }
    await apply(preview, held, {
      outcome: 'done',
      result: { ...none, pages: [page], preview_result: 'complete' }
    })
    assert.equal((await version(held.version_id)).state, 'held')
    assert.equal((await query('select from page where version_id = $1', [held.version_id])).length, 0)
  })

  test('a drop is placed by its key, and its names are cleaned', () => {
    const id = '01890000-0000-7000-8000-000000000000'
    assert.deepEqual(placeOfDrop(`${id}/a/../b\u202e/c?.pdf`), {
      project_id: id,
      key_id: null,
      folders: ['a', 'b'],
      name: 'c_.pdf'
    })
    const by_key = { project_id: id, key_id: id, folders: ['a'], name: 'c.pdf' }
    assert.deepEqual(placeOfDrop(`${id}/key-${id}/a/c.pdf`), by_key)
    for (const key of ['no/project.pdf', id, `${id}/`, `${id}/..`, `${id}/${'x/'.repeat(40)}a.pdf`])
      assert.equal(placeOfDrop(key), null, key)
  })
}
