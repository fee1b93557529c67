import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { PageInfo } from '../../functions/_shared/contract/document.ts'
import { problemCode } from '../support/functions.ts'
import { seedPages } from '../support/documents.ts'
import { setVersionsStage } from '../support/versions.ts'

const {
  stage,
  project,
  client,
  reader,
  petra,
  rita,
  query,
  read,
  versions,
  acts,
  scanned,
  newVersion,
  first,
  ...db
} = await setVersionsStage()
const { arrive } = await import('../../functions/_shared/pipeline/arrive.ts')

suite('an older version', () => {
  test('is looked at with its own pages, by the right one has now, and the log names it', async () => {
    const document = await first('Seiten.txt')
    await seedPages(stage, document.id, 2)
    await petra.upload(project, [newVersion(document, 'zwei')])
    await scanned(document.id, 2)
    const pages = (version: string) =>
      petra.ok<PageInfo[]>('GET', `/documents/${document.id}/pages${version}`)
    assert.equal((await pages('?version=1')).length, 2)
    assert.equal((await pages('')).length, 0)
    assert.equal((await read(document.id, '?version=1')).version.no, 1)
    assert.equal((await read(document.id, '?version=1')).current_no, 2)
    assert.equal((await petra.send('GET', `/documents/${document.id}?version=9`)).status, 404)
    const image = `/documents/${document.id}/pages/1/image?version=1`
    assert.equal((await petra.send('GET', image)).status, 302)
    const marked = await rita.send('GET', image)
    assert.equal(marked.status, 200)
    assert.equal(marked.headers.get('content-type'), 'image/jpeg')
    await marked.arrayBuffer()
    assert.equal((await rita.send('GET', `/documents/${document.id}/pages/1/text?version=1`)).status, 403)
    const [v1] = await query('select id from version where document_id = $1 and no = 1', [document.id])
    const seen = await query(
      `select convert_from(body, 'UTF8')::jsonb->'facts' as facts from audit where action = 'page.viewed' and actor_id = $1 and subject_id = $2`,
      [reader.id, v1.id]
    )
    assert.deepEqual(seen, [{ facts: { page: 1, watermarked: true } }])
  })

  test('comes back as the newest, once, however often it is asked for', async () => {
    const document = await first('Zurück.txt', 'die alte')
    await petra.upload(project, [newVersion(document, 'die neue Fassung')])
    await scanned(document.id, 2)
    const restore = () => petra.send('POST', `/documents/${document.id}/versions/1/restore`)
    const answers = await Promise.all(Array.from({ length: 8 }, restore))
    assert.deepEqual(
      answers.map((answer) => answer.status),
      Array<number>(8).fill(200)
    )
    assert.equal((await restore()).status, 200)
    const listed = await versions(document.id)
    assert.deepEqual(
      listed.map((one) => [one.no, one.size, one.restored_no]),
      [
        [3, 8, 1],
        [2, 16, null],
        [1, 8, null]
      ]
    )
    assert.equal((await read(document.id)).version.no, 2)
    await scanned(document.id, 3)
    assert.equal((await read(document.id)).version.no, 3)
    const restored = (await acts(document.id)).filter((act) => act.action === 'version.restored')
    assert.equal(restored.length, 1)
    assert.deepEqual(restored[0].facts, { from: listed[2]?.id, from_no: 1, to: listed[0]?.id, no: 3 })
    const content = await petra.send('GET', `/documents/${document.id}/content`)
    assert.equal(await (await fetch(content.headers.get('location') ?? '')).text(), 'die alte')
    assert.equal((await rita.send('POST', `/documents/${document.id}/versions/1/restore`)).status, 403)
    assert.equal(
      await problemCode(await petra.send('POST', `/documents/${document.id}/versions/3/restore`)),
      'conflict'
    )
    // Version 2 comes back, then version 1 again: going back is never used up.
    assert.equal((await petra.send('POST', `/documents/${document.id}/versions/2/restore`)).status, 200)
    assert.equal((await restore()).status, 200)
    assert.equal((await versions(document.id)).length, 5)
  })

  test('whose copy was made before the function died is found by the event; nobody can write to it', async () => {
    const document = await first('Absturz.txt', 'alt')
    await petra.upload(project, [newVersion(document, 'neu')])
    await scanned(document.id, 2)
    const { beginRestore } = await import('../../functions/documents/restore.ts')
    const { openStore } = await import('../../functions/documents/store.ts')
    const app = db.openDatabase(stage.database.url('portico_app'), 1)
    const copy = await app.transaction([project], (session) => beginRestore(session, client, document.id, 1))
    await app.close()
    assert.ok(copy)
    const { client: store, copyVersion } = await openStore()
    const from = { bucket: 'portico-documents', ...copy.from }
    const object_version_id = await copyVersion(store, from, { bucket: 'portico-documents', key: copy.key })
    assert.ok(object_version_id)
    assert.equal((await versions(document.id)).length, 2)
    const [upload] = await query('select id from upload where restores is not null and state = $1', ['open'])
    assert.equal((await petra.send('GET', `/uploads/${upload.id}`)).status, 404)
    assert.deepEqual(await petra.ok('GET', `/uploads?project_id=${project}`), { uploads: [] })
    const object = { key: copy.key, object_version_id, size: copy.size }
    const [arrival] = await db.pipeline.transaction([project], (session, made) =>
      arrive(session, [object], 'event', made)
    )
    assert.equal(arrival?.outcome, 'received')
    assert.deepEqual((await versions(document.id))[0]?.restored_no, 1)
  })

  test('that is held back or not there does not come back', async () => {
    const document = await first('Gehalten.txt')
    await petra.upload(project, [newVersion(document, 'böse')])
    await scanned(document.id, 2, 'infected')
    const restore = (no: number) => petra.send('POST', `/documents/${document.id}/versions/${no}/restore`)
    assert.equal(await problemCode(await restore(2)), 'held')
    assert.equal((await restore(7)).status, 404)
  })
})
