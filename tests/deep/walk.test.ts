/**
 * The night's walk through a large store: everything is looked at, what is missing is found, memory does not grow.
 *
 *   node tests/deep/walk.test.ts [--objects 20000]
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { type Place, listVersions } from '../../functions/_shared/storage/versions.ts'
import { setStage } from '../support/functions.ts'
import { startGateway } from '../support/pipeline.ts'
import { processesOf } from '../support/processes.ts'
import { findMinio, startStore } from '../support/store.ts'

const { values } = parseArgs({
  strict: false,
  options: { objects: { type: 'string', default: '20000' } }
})
const COUNT = Number(values.objects)
/** Of so many objects one was never told of, and of so many versions one has lost its object. */
const EVERY = 1_000
const BATCH = 5_000

const skip =
  process.platform !== 'linux'
    ? 'reads memory from /proc'
    : findMinio()
      ? false
      : 'no minio binary: npm start builds one'
if (skip) {
  test('the walk', { skip }, () => undefined)
} else {
  const store = await startStore()
  const key = JSON.stringify(store.secret)
  const stage = await setStage({ secrets: { 'store-clock': key } })
  const gateway = await startGateway(stage.secrets)
  const { signJobToken } = await import('../../functions/_shared/auth/job-token.ts')
  const { secretKey } = await import('../../functions/_shared/config.ts')
  after(() => gateway.stop())

  const query = async (text: string, parameters: unknown[] = []) =>
    (await stage.owner.query(text, parameters)).rows
  const [lost, gone] = [Math.floor(COUNT / EVERY), Math.floor(COUNT / EVERY)]

  test(`a store of ${COUNT} objects, and the database that belongs to it`, async () => {
    const project_id = await stage.seedProject()
    for (let made = 0; made < COUNT; made += BATCH) await putMany(Math.min(BATCH, COUNT - made))
    let no = 0
    for (let place: Place | null = null, end = false; !end;) {
      const page = await listVersions(store.s3, 'portico-documents', { after: place })
      const known = page.versions.filter(() => (no += 1) % EVERY !== 0)
      await tellOf(
        project_id,
        known.map((one) => one.key),
        known.map((one) => one.object_version_id)
      )
      place = page.next
      end = page.next === null
    }
    assert.equal(no, COUNT)
    const ids = await query(
      'select gen_random_uuid() as a, gen_random_uuid() as b from generate_series(1, $1)',
      [gone]
    )
    await tellOf(
      project_id,
      ids.map(({ a, b }) => `${a}/${b}`),
      ids.map(() => 'gone')
    )
    await query('analyze')
  })

  test('all of it is looked at, what is missing is found, and memory stays flat', async () => {
    const memory = new Map<number, number>()
    const begun = performance.now()
    let isDone = false
    const watch = async () => {
      for (; !isDone; await wait(100)) {
        const [row] = await query('select objects::int as objects from reconciliation')
        const share = ((row?.objects ?? 0) / COUNT) * 100
        for (const mark of [10, 50, 100]) if (share >= mark && !memory.has(mark)) memory.set(mark, resident())
      }
    }
    const watching = watch()
    while ((await callClock()) !== 'done');
    const seconds = (performance.now() - begun) / 1_000
    isDone = true
    await watching
    if (!memory.has(100)) memory.set(100, resident())
    const [row] = await query('select * from reconciliation')
    process.stdout.write(
      `walk: ${COUNT} objects and ${row.versions} versions in ${seconds.toFixed(0)} s, ${(COUNT / seconds).toFixed(0)} objects/s; memory of the function at ` +
        [...memory].map(([mark, mb]) => `${mark} %: ${mb} MB`).join(', ') +
        `; ${row.inbox_rows} inbox rows repaired, ${row.dangling} dangling\n`
    )
    assert.equal(Number(row.objects), COUNT)
    assert.equal(Number(row.versions), COUNT - lost + gone)
    assert.deepEqual([row.inbox_rows, row.dangling, row.acts, row.orphans], [lost, gone, 0, 0])
    const [early = 0, late = Infinity] = [memory.get(10), memory.get(100)]
    assert.ok(late < early + 60, `${early} MB, then ${late} MB`)
  })

  async function callClock(): Promise<string> {
    const token = await signJobToken(secretKey('job-signing-key'), 'clock', 'a job', 60)
    const answer = await fetch(`${gateway.url}/function/clock/`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify({ act: 'reconcile_all' })
    })
    assert.equal(answer.status, 200, await answer.clone().text())
    return (await answer.json()).outcome
  }

  /** Megabytes that the function holds. */
  function resident(): number {
    const [pid] = processesOf((line) => line.includes('functions/_shared/serve.ts'), process.pid)
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1_024)
  }

  /** One request: the store unpacks an archive into objects. */
  async function putMany(count: number): Promise<void> {
    const keys = await query(`select uuidv7() || '/' || uuidv7() as key from generate_series(1, $1)`, [count])
    await store.s3.send(
      new PutObjectCommand({
        ...{ Bucket: 'portico-documents', Key: 'many.tar', Body: tarOf(keys.map((one) => one.key)) },
        Metadata: { 'snowball-auto-extract': 'true' }
      })
    )
  }

  /** Versions, their inbox rows and their acts, as the pipeline would have left them. */
  async function tellOf(project_id: string, keys: string[], versions: string[]): Promise<void> {
    await query(
      `with given as materialized (
         select k as key, v as object_version_id, split_part(k, '/', 1)::uuid as document_id, split_part(k, '/', 2)::uuid as id
           from unnest($2::text[], $3::text[]) x (k, v)),
       documents as (
         insert into document (id, folder_id, project_id, name) select document_id, $1, $1, 'a.txt' from given),
       told as (
         insert into inbox (bucket, key, object_version_id, kind, source)
         select 'portico-documents', key, object_version_id, 'created', 'event' from given),
       counted as (update audit_counter set last = last + $4 returning last - $4 as last),
       written as (
         insert into audit (seq, body, at, action, document_id, subject_id)
         select c.last + row_number() over (), '{}', now(), 'document.received', g.document_id, g.id from given g, counted c)
       insert into version (id, document_id, project_id, no, object_key, object_version_id, size, declared_type, state)
       select id, document_id, $1, 1, key, object_version_id, 5, 'text/plain', 'ready' from given`,
      [project_id, keys, versions, keys.length]
    )
  }
}

/** A ustar archive (POSIX.1-1988) of files of five bytes. */
function tarOf(names: string[]): Buffer {
  const field = (value: number, width: number) => `${value.toString(8).padStart(width - 1, '0')}\0`
  const blocks = names.flatMap((name) => {
    const head = Buffer.alloc(512)
    head.write(name, 0)
    head.write(field(0o644, 8) + field(0, 8) + field(0, 8) + field(5, 12) + field(0, 12), 100)
    head.write('        0', 148)
    head.write('ustar\x0000', 257)
    head.write(
      `${field(
        head.reduce((sum, byte) => sum + byte, 0),
        7
      )} `,
      148
    )
    const body = Buffer.alloc(512)
    body.write('tiny\n')
    return [head, body]
  })
  return Buffer.concat([...blocks, Buffer.alloc(1_024)])
}
