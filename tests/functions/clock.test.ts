import assert from 'node:assert/strict'
import { before, beforeEach, test } from 'node:test'
import {
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  ListMultipartUploadsCommand
} from '@aws-sdk/client-s3'
import { setStage } from '../support/functions.ts'
import { findMinio, startStore } from '../support/store.ts'
import { put, seedUpload } from '../support/pipeline.ts'

const skip = findMinio() ? false : 'no minio binary: npm start builds one'
if (skip) {
  test('the clock', { skip }, () => undefined)
} else {
  const store = await startStore()
  const stage = await setStage({ secrets: { 'store-clock': JSON.stringify(store.secret) } })
  const clock = await stage.handler('clock')
  const { signJobToken } = await import('../../functions/_shared/auth/job-token.ts')
  const { secretKey } = await import('../../functions/_shared/config.ts')
  let person_id: string
  let project_id: string

  before(async () => {
    project_id = await stage.seedProject()
    person_id = (await stage.seedPerson()).id
  })
  beforeEach(() => stage.owner.query('truncate inbox, job, job_attempt, incident, clock_mark'))

  const query = async (text: string, values: unknown[] = []) => (await stage.owner.query(text, values)).rows

  const call = async (body: unknown, audience = 'clock'): Promise<Response> => {
    const token = await signJobToken(secretKey('job-signing-key'), audience, 'a job', 30)
    return clock.fetch(
      new Request('http://clock/', {
        method: 'POST',
        headers: { authorization: `Bearer ${token}` },
        body: JSON.stringify(body)
      })
    )
  }
  /** An act from its beginning to its end; what it found. */
  const act = async (name: string): Promise<number> => {
    let found = 0
    for (let cursor: unknown; ;) {
      const answer = await call({ act: name, cursor })
      assert.equal(answer.status, 200, await answer.clone().text())
      const said = await answer.json()
      found += said.result.found
      if (said.outcome === 'done') return found
      cursor = said.cursor
    }
  }
  const upload = (text: string, wish: { put?: boolean } = {}) =>
    seedUpload(stage, store, { person_id, project_id, name: 'a.txt', bytes: Buffer.from(text), ...wish })
  const heard = async (key: string) =>
    (await query('select kind, source from inbox where key = $1 order by kind', [key])).map(
      (r) => `${r.kind} ${r.source}`
    )

  test('only the connector may wind the clock', async () => {
    assert.equal((await clock.fetch(new Request('http://clock/', { method: 'POST' }))).status, 401)
    assert.equal((await call({ act: 'reconcile_all' }, 'scan')).status, 401)
    assert.equal((await call({ act: 'burn_everything' })).status, 422)
  })

  test('what the store holds and nobody told is found, once, and gets its job', async () => {
    const up = await upload('lost event')
    const drop = `${project_id}/a b/ü+&.txt`
    await put(store, 'portico-drops', drop, Buffer.from('one'))
    await put(store, 'portico-drops', drop, Buffer.from('two'))
    await store.s3.send(new DeleteObjectCommand({ Bucket: 'portico-drops', Key: drop }))
    assert.equal(await act('reconcile_recent'), 4)
    assert.deepEqual(await heard(up.key), ['created reconciliation'])
    assert.deepEqual(await heard(drop), [
      'created reconciliation',
      'created reconciliation',
      'removed reconciliation'
    ])
    const jobs = await query(`select kind from job order by kind`)
    assert.deepEqual(
      jobs.map((job) => job.kind),
      ['adopt', 'adopt', 'arrive']
    )
    assert.equal(await act('reconcile_recent'), 0)
    assert.equal(await act('reconcile_all'), 0)
  })

  test('an old upload whose object has come by now is found among the recent ones too', async () => {
    await act('reconcile_all')
    const up = await upload('late', { put: false })
    const old = '01890000-0000-7000-8000-00000000000a'
    await query(
      `update upload set document_id = $2, created_at = now() - interval '5 hours', touched_at = now() where id = $1`,
      [up.id, old]
    )
    const key = `${old}/${up.version_id}`
    await put(store, 'portico-documents', key, Buffer.from('late'))
    assert.equal(await act('reconcile_recent'), 1)
    assert.deepEqual(await heard(key), ['created reconciliation'])
  })

  test('everything is compared, page after page', async () => {
    const keys = Array.from({ length: 1_050 }, (_, i) => `${project_id}/many/${i}.txt`)
    for (let i = 0; i < keys.length; i += 25)
      await Promise.all(
        keys.slice(i, i + 25).map((key) => put(store, 'portico-drops', key, Buffer.from('x')))
      )
    assert.ok((await act('reconcile_all')) >= keys.length)
    const [{ n }] = await query(`select count(*)::int as n from inbox where key = any($1)`, [keys])
    assert.equal(n, keys.length)
    assert.equal(await act('reconcile_all'), 0)
  })

  test('uploads left alone for a day are swept, with their parts, and nothing that arrived', async () => {
    const young = await upload('young', { put: false })
    const left = await upload('left', { put: false })
    const came = await upload('came after all')
    const begun = await store.s3.send(
      new CreateMultipartUploadCommand({ Bucket: 'portico-documents', Key: left.key })
    )
    await query('update upload set store_upload_id = $2 where id = $1', [left.id, begun.UploadId])
    await query(`update upload set touched_at = now() - interval '25 hours' where id = any($1::uuid[])`, [
      [left.id, came.id]
    ])
    assert.equal(await act('sweep_uploads'), 1)
    const states = new Map((await query('select id, state from upload')).map((row) => [row.id, row.state]))
    assert.deepEqual(
      [young, left, came].map((up) => states.get(up.id)),
      ['open', 'aborted', 'open']
    )
    assert.deepEqual(await heard(came.key), ['created reconciliation'])
    const open = await store.s3.send(
      new ListMultipartUploadsCommand({ Bucket: 'portico-documents', Prefix: left.key })
    )
    assert.equal(open.Uploads?.length ?? 0, 0)
    const acts = await query(`select action, subject_id from audit where action = 'upload.swept'`)
    assert.deepEqual(acts, [{ action: 'upload.swept', subject_id: left.id }])
    assert.equal(await act('sweep_uploads'), 0)
  })

  test('a version that waits for a job that is not there any more gets it again', async () => {
    const [version] = await query(
      `with d as (insert into document (folder_id, project_id, name) values ($1, $1, 'a.txt') returning id)
       insert into version (document_id, project_id, no, object_key, object_version_id, size, declared_type, state, received_at)
       select id, $1, 1, id || '/x', 'v', 1, 'text/plain', 'checked', now() - interval '1 hour' from d returning id`,
      [project_id]
    )
    await act('reconcile_recent')
    const jobs = await query(`select kind, data from job where kind in ('scan', 'preview')`)
    assert.deepEqual(jobs, [{ kind: 'preview', data: { version_id: version.id, project_id } }])
    await query('update version set state = $2 where id = $1', [version.id, 'ready'])
  })

  test('what has had its time is forgotten', async () => {
    await query(
      `insert into session (token_hash, person_id, factors, expires_at)
       values (sha256('old'), $1, 2, now() - interval '31 days'), (sha256('new'), $1, 2, now() - interval '1 day')`,
      [person_id]
    )
    await query(
      `insert into job (kind, data, state, done_at) values ('scan', '{}', 'done', now() - interval '8 days')`
    )
    await query(
      `insert into idempotency (person_id, key, request_hash, created_at) values ($1, 'k', 'x', now() - interval '2 days')`,
      [person_id]
    )
    await query(
      `insert into idempotency (person_id, key, request_hash, created_at)
       values ($1, 'rule 1 0 mail', 'x', now() - interval '7 days'), ($1, 'rule 2 0 mail', 'x', now() - interval '9 days')`,
      [person_id]
    )
    await query(`insert into rate_limit (key, points, expire) values ('a', 1, 1000)`)
    assert.equal(await act('clean_up'), 5)
    assert.equal((await query('select from session')).length, 1)
    assert.deepEqual(await query('select key from idempotency'), [{ key: 'rule 1 0 mail' }])
  })

  test('the hour forgets what became of deliveries after 30 days, and of what still waits nothing', async () => {
    const person_id = (await stage.seedPerson({ staff_role: 'administrator' })).id
    const endpoint = async (ended: string | null) => {
      const [made] = await query(
        `insert into webhook (name, url, types, secret, from_seq, made_by, ended_at)
         values ('x', 'https://hooks.example.com', '{document.ready}', 'sealed', 0, $1, $2) returning id`,
        [person_id, ended]
      )
      return made?.id
    }
    const [living, removed] = [await endpoint(null), await endpoint('2026-01-01')]
    await query(
      `insert into webhook_delivery (webhook_id, type, state, reason, created_at)
       select $1::uuid, 'webhook.test', state, how, at
         from (values ('delivered', 'old', now() - interval '31 days'), ('failed', 'old', now() - interval '31 days'),
                      ('waiting', 'waits', now() - interval '31 days'), ('delivered', 'young', now())) x (state, how, at)
       union all select $2::uuid, 'webhook.test', 'waiting', 'removed', now()`,
      [living, removed]
    )
    await act('clean_up')
    const kept = await query('select reason from webhook_delivery order by reason')
    assert.deepEqual(
      kept.map((one) => one.reason),
      ['waits', 'young']
    )
  })
}
