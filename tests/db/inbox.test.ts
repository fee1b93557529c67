import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { beforeEach, test } from 'node:test'
import { testDatabase } from '../support/database.ts'
import { makeSmallFirm } from '../support/small-firm.ts'

const database = await testDatabase()
const owner = await database.client('portico_owner')
const intake = database.pool('portico_intake', 16)
const made = await makeSmallFirm(owner)

type Fact = {
  bucket?: string
  key?: string
  version?: string
  kind?: string
  source?: string
  size?: number | null
}

async function record({
  bucket = 'portico-documents',
  key = 'k',
  version = 'v',
  kind = 'created',
  source = 'event',
  size = 1
}: Fact): Promise<boolean> {
  const { rows } = await intake.query('select inbox_record($1, $2, $3, $4, $5, $6) as fresh', [
    bucket,
    key,
    version,
    kind,
    source,
    size
  ])
  return rows[0].fresh
}

const jobs = async () =>
  (await owner.query('select kind, data, fairness_key from job order by created_at')).rows

beforeEach(() => owner.query('delete from job; delete from inbox; delete from incident'))

test('a fact is new once, however many tell it at the same moment', async () => {
  const told = await Promise.all(
    Array.from({ length: 16 }, (_, i) => record({ source: i % 2 ? 'event' : 'reconciliation' }))
  )
  assert.equal(told.filter(Boolean).length, 1)
  assert.equal((await owner.query('select from inbox')).rowCount, 1)
  assert.equal((await jobs()).length, 1)
})

test('an uploaded object becomes a job to arrive, in the name of its client', async () => {
  const document = randomUUID()
  await owner.query(
    `insert into upload (person_id, project_id, folder_id, document_id, version_id, name, size, declared_type, part_size)
     values ($1, $2, $2, $3, uuidv7(), 'x', 1, 'text/plain', 1)`,
    [made.person, made.project, document]
  )
  const key = `${document}/${randomUUID()}`
  assert.equal(await record({ key, version: 'one', size: 12 }), true)
  const [job] = await jobs()
  assert.equal(job.kind, 'arrive')
  assert.equal(job.fairness_key, made.client)
  assert.deepEqual(job.data, { bucket: 'portico-documents', key, object_version_id: 'one', size: 12 })
})

test('a dropped object becomes a job to adopt that knows the ids it will give', async () => {
  await record({ bucket: 'portico-drops', key: `${made.project}/Post/letter.pdf`, version: 'one' })
  const [job] = await jobs()
  assert.equal(job.kind, 'adopt')
  assert.equal(job.fairness_key, made.client)
  assert.match(job.data.document_id, /^[0-9a-f]{8}-[0-9a-f]{4}-7/)
  assert.notEqual(job.data.document_id, job.data.version_id)
})

test('another version of the same key is another fact', async () => {
  assert.equal(await record({ version: 'one' }), true)
  assert.equal(await record({ version: 'two' }), true)
  assert.equal((await jobs()).length, 2)
})

test('derived files and keys that are nobody’s make no trouble', async () => {
  await record({ bucket: 'portico-derived', key: 'x/y/1.jpg' })
  assert.deepEqual(await jobs(), [])
  assert.equal(await record({ key: 'not-a-uuid/..', version: '' }), true)
  assert.equal((await jobs())[0].fairness_key, '')
})

test('an object that was removed from the documents is an incident, once', async () => {
  await record({ kind: 'removed', size: null })
  await record({ kind: 'removed', size: null })
  const { rows } = await owner.query('select kind, detail from incident')
  assert.deepEqual(rows, [
    {
      kind: 'object_removed',
      detail: { bucket: 'portico-documents', key: 'k', object_version_id: 'v', size: null }
    }
  ])
  assert.deepEqual(await jobs(), [])
})

test('what is rolled back was not told', async () => {
  const client = await intake.connect()
  await client.query('begin')
  await client.query(`select inbox_record('portico-documents', 'k', 'v', 'created', 'event', 1)`)
  await client.query('rollback')
  client.release()
  assert.equal(await record({}), true)
})
