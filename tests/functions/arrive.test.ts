import assert from 'node:assert/strict'
import { after, suite, test } from 'node:test'
import type { ArrivedObject } from '../../functions/_shared/pipeline/arrive.ts'
import { asCaller, file, setDocumentsStage } from '../support/documents.ts'

const stage = await setDocumentsStage()
const { openDatabase } = await import('../../functions/_shared/db/database.ts')
const { arrive } = await import('../../functions/_shared/pipeline/arrive.ts')
const pipeline = openDatabase(stage.database.url('portico_pipeline'))
after(() => pipeline.close())

const client = await stage.seedPerson({ name: 'Petra' })
const project = await stage.seedProject()
const grant = await stage.seedGrant({ person_id: client.id, node_id: project, level: 3 })
const petra = asCaller(stage.documents, await stage.signIn(client))

/** As the connector would after the store's event. */
const byEvent = (...objects: ArrivedObject[]) =>
  pipeline.transaction([project], (session, acts) => arrive(session, objects, 'event', acts))

const keyOf = (url: string | null | undefined) => new URL(url ?? '').pathname.split('/').slice(2).join('/')

async function sent(text: string) {
  const [upload] = await petra.begin(project, [file('Event.txt', text)])
  assert.ok(upload)
  const answer = await fetch(upload.url ?? '', {
    method: 'PUT',
    headers: { 'if-none-match': '*' },
    body: text
  })
  const object_version_id = answer.headers.get('x-amz-version-id') ?? ''
  return { upload, object: { key: keyOf(upload.url), object_version_id, size: text.length } }
}

suite('bytes that the store tells of', () => {
  test('become a document; the completion that comes later gets its receipt', async () => {
    const { upload, object } = await sent('by event')
    const [arrival] = await byEvent(object)
    assert.equal(arrival?.outcome, 'received')
    const { outcomes } = await petra.complete([upload.id])
    assert.equal(outcomes[0]?.outcome, 'received')
    assert.equal(outcomes[0].document?.id, upload.document_id)
    const { rowCount } = await stage.owner.query(
      `select from audit where action = 'document.received' and document_id = $1`,
      [upload.document_id]
    )
    assert.equal(rowCount, 1)
  })

  test('told again change nothing, told at the same time as completed neither', async () => {
    const { upload, object } = await sent('at once')
    const [, ...events] = await Promise.all([
      petra.complete([upload.id]),
      ...Array.from({ length: 5 }, () => byEvent(object))
    ])
    const outcomes = events.map(([arrival]) => arrival?.outcome)
    assert.ok(
      outcomes.every((one) => one === 'received' || one === 'already'),
      outcomes.join()
    )
    assert.equal((await byEvent(object))[0]?.outcome, 'already')
    const versions = await stage.owner.query('select from version where document_id = $1', [
      upload.document_id
    ])
    assert.equal(versions.rowCount, 1)
  })

  test('of another version of a key that is pinned are never content', async () => {
    const { object } = await sent('pinned')
    await byEvent(object)
    const [arrival] = await byEvent({ ...object, object_version_id: crypto.randomUUID() })
    assert.equal(arrival?.outcome, 'other_version')
  })

  test('of another size than announced, of given-up uploads, of unknown keys make no document', async () => {
    const { upload, object } = await sent('sizes')
    assert.equal((await byEvent({ ...object, size: 99 }))[0]?.outcome, 'mismatch')
    await petra.send('DELETE', `/uploads/${upload.id}`)
    assert.equal((await byEvent(object))[0]?.outcome, 'aborted')
    const unknown = { ...object, key: `${crypto.randomUUID()}/${crypto.randomUUID()}` }
    assert.equal((await byEvent(unknown))[0]?.outcome, 'unknown')
    assert.equal((await byEvent({ ...object, key: '../../etc/passwd' }))[0]?.outcome, 'unknown')
  })

  test('arrive in the order told, each name once', async () => {
    const many = await Promise.all(['a', 'b', 'c', 'd'].map(sent))
    const arrivals = await Promise.all(many.map(({ object }) => byEvent(object)))
    assert.ok(arrivals.every(([arrival]) => arrival?.outcome === 'received'))
    const { rows } = await stage.owner.query(
      'select name, count(*)::int n from document group by 1 having count(*) > 1'
    )
    assert.deepEqual(rows, [])
  })

  test('of somebody who may no longer contribute stay outside', async () => {
    const { upload, object } = await sent('late')
    await stage.owner.query('delete from access_grant where id = $1', [grant])
    assert.equal((await byEvent(object))[0]?.outcome, 'not_allowed')
    assert.equal((await petra.complete([upload.id])).outcomes[0]?.outcome, 'not_found')
  })
})
