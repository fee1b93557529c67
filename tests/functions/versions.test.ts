import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, suite, test } from 'node:test'
import type { Document, ListedVersion, PageInfo } from '../../functions/_shared/contract/document.ts'
import type { FileMatches } from '../../functions/_shared/contract/upload.ts'
import { problemCode } from '../support/functions.ts'
import { asCaller, file, put, seedPages, setDocumentsStage } from '../support/documents.ts'

const stage = await setDocumentsStage()
const { openDatabase } = await import('../../functions/_shared/db/database.ts')
const { arrive } = await import('../../functions/_shared/pipeline/arrive.ts')
const { scan } = await import('../../functions/_shared/pipeline/scan.ts')
const pipeline = openDatabase(stage.database.url('portico_pipeline'))
after(() => pipeline.close())

const firm = await stage.seedPerson({ name: 'Jonas Weber', staff_role: 'administrator' })
const client = await stage.seedPerson({ name: 'Petra Bergmann' })
const reader = await stage.seedPerson({ name: 'Rita Lang' })
const stranger = await stage.seedPerson({ name: 'Karl Åberg' })
const project = await stage.seedProject()
await stage.seedGrant({ person_id: firm.id, node_id: project, level: 4 })
await stage.seedGrant({ person_id: client.id, node_id: project, level: 3 })
await stage.seedGrant({ person_id: reader.id, node_id: project, level: 1 })
const jonas = asCaller(stage.documents, await stage.signIn(firm))
const petra = asCaller(stage.documents, await stage.signIn(client))
const rita = asCaller(stage.documents, await stage.signIn(reader))
const karl = asCaller(stage.documents, await stage.signIn(stranger))

const query = async (text: string, values: unknown[] = []) => (await stage.owner.query(text, values)).rows
const read = (id: string, more = '') => petra.ok<Document>('GET', `/documents/${id}${more}`)
const versions = async (id: string) =>
  (await petra.ok<{ items: ListedVersion[] }>('GET', `/documents/${id}/versions`)).items
const acts = (id: string) =>
  query(
    `select action, actor_id, subject_id, convert_from(body, 'UTF8')::jsonb->'facts' as facts from audit
      where document_id = $1 and action in ('document.received', 'version.received', 'version.restored') order by seq`,
    [id]
  )

/** What the scanner's answer does to version `no`, as the connector applies it. */
async function scanned(document_id: string, no: number, scan_result = 'clean'): Promise<void> {
  const [version] = await query('select id from version where document_id = $1 and no = $2', [
    document_id,
    no
  ])
  const job = {
    id: randomUUID(),
    kind: 'scan',
    data: { version_id: version.id, project_id: project },
    cursor: null,
    fairness_key: '',
    attempt: 1,
    max_attempts: 6,
    token: randomUUID()
  }
  const result = {
    size: 1,
    sha256: 'ab'.repeat(32),
    detected_type: 'text/plain',
    name_matches_type: true,
    scan_result,
    scan_detail: scan_result === 'infected' ? 'Eicar-Test-Signature' : null
  }
  await pipeline.transaction([], (session, made) =>
    scan.apply(session, job, { outcome: 'done', result }, made)
  )
}

const newVersion = (document: Document, text: string, name = document.name) => ({
  ...file(name, text),
  document_id: document.id
})
async function first(name: string, text = 'eins'): Promise<Document> {
  const [document] = await petra.upload(project, [file(name, text)])
  assert.ok(document)
  await scanned(document.id, 1)
  return document
}

suite('a new version', () => {
  test('arrives under a key of its own as the next number, and says so in receipt and log', async () => {
    const document = await first('Vertrag.txt')
    const [upload] = await petra.begin(project, [newVersion(document, 'zwei', 'Vertrag neu.txt')])
    assert.equal(upload?.of_document_id, document.id)
    await put(upload.url ?? '', Buffer.from('zwei'))
    const { outcomes } = await petra.complete([upload.id])
    assert.equal(outcomes[0]?.document?.id, document.id)
    assert.equal(outcomes[0]?.version_no, 2)
    assert.deepEqual(await petra.complete([upload.id]).then((again) => again.outcomes), outcomes)
    const listed = await versions(document.id)
    assert.deepEqual(
      listed.map((one) => [one.no, one.size, one.created_by?.name]),
      [
        [2, 4, 'Petra Bergmann'],
        [1, 4, 'Petra Bergmann']
      ]
    )
    const [, act] = await acts(document.id)
    assert.equal(act.action, 'version.received')
    assert.equal(act.facts.no, 2)
    assert.equal((await read(document.id)).name, 'Vertrag.txt')
  })

  test('does not hide the good one until it is checked, and never when it is infected', async () => {
    const document = await first('Bescheid.txt')
    await petra.upload(project, [newVersion(document, 'zwei!')])
    let now = await read(document.id)
    assert.deepEqual([now.version.no, now.current_no, now.newest.no, now.newest.state], [1, 1, 2, 'received'])
    await scanned(document.id, 2, 'infected')
    now = await read(document.id)
    assert.deepEqual([now.version.no, now.newest.state, now.newest.scan_result], [1, 'held', 'infected'])
    assert.equal(
      await problemCode(await petra.send('GET', `/documents/${document.id}/content?version=2`)),
      'held'
    )
    assert.equal((await petra.send('GET', `/documents/${document.id}/content`)).status, 302)

    await petra.upload(project, [newVersion(document, 'drei!!')])
    await scanned(document.id, 3)
    now = await read(document.id)
    assert.deepEqual([now.version.no, now.newest.no, now.version.size], [3, 3, 6])
    // Released late, an older one does not come before a newer one.
    assert.equal((await jonas.send('POST', `/documents/${document.id}/release?version=2`)).status, 204)
    assert.equal((await read(document.id)).version.no, 3)
  })

  test('sent by two at once is two versions, whoever is checked first', async () => {
    const document = await first('Zwei.txt')
    const uploads = await Promise.all([
      petra.begin(project, [newVersion(document, 'a')]),
      jonas.begin(project, [newVersion(document, 'b')])
    ])
    const [mine, theirs] = uploads.map(([one]) => one)
    await Promise.all([put(mine?.url ?? '', Buffer.from('a')), put(theirs?.url ?? '', Buffer.from('b'))])
    const receipts = await Promise.all([petra.complete([mine?.id ?? '']), jonas.complete([theirs?.id ?? ''])])
    assert.deepEqual(receipts.map((one) => one.outcomes[0]?.version_no).sort(), [2, 3])
    await Promise.all([scanned(document.id, 3), scanned(document.id, 2)])
    assert.equal((await read(document.id)).version.no, 3)
  })

  test('of ten files in one call is ten versions in their order', async () => {
    const document = await first('Zehn.txt')
    const files = Array.from({ length: 10 }, (_, index) => newVersion(document, 'x'.repeat(index + 1)))
    await petra.upload(project, files)
    const listed = await versions(document.id)
    assert.deepEqual(
      listed.map((one) => [one.no, one.size]),
      Array.from({ length: 10 }, (_, index) => [11 - index, 10 - index]).concat([[1, 4]])
    )
  })

  test('whose document may not be added to any more becomes a document of its own', async () => {
    const document = await first('Weg.txt')
    const [upload] = await petra.begin(project, [newVersion(document, 'zwei')])
    await put(upload?.url ?? '', Buffer.from('zwei'))
    const deny = [client.id, document.id]
    await query(
      `insert into access_grant (person_id, document_id, level, allows) values ($1, $2, 1, false)`,
      deny
    )
    const { outcomes } = await petra.complete([upload?.id ?? ''])
    assert.equal(outcomes[0]?.outcome, 'received')
    assert.equal(outcomes[0].document?.id, upload?.document_id)
    assert.equal(outcomes[0].document?.name, 'Weg (2).txt')
    await query('delete from access_grant where person_id = $1 and document_id = $2', deny)
    assert.equal((await versions(document.id)).length, 1)
  })

  test('whose document was deleted for good meanwhile becomes a document of its own', async () => {
    const document = await first('Gelöscht.txt')
    const [upload] = await petra.begin(project, [newVersion(document, 'zwei')])
    await put(upload?.url ?? '', Buffer.from('zwei'))
    await query('update document set current_version_id = null where id = $1', [document.id])
    await query('delete from version where document_id = $1', [document.id])
    await query('delete from document where id = $1', [document.id])
    const { outcomes } = await petra.complete([upload?.id ?? ''])
    assert.equal(outcomes[0]?.document?.id, upload?.document_id)
    assert.equal(outcomes[0]?.version_no, 1)
  })

  test('can be added by who may contribute; for others the document is view only, or not there', async () => {
    const document = await first('Rechte.txt')
    const body = (id: string) => ({
      folder_id: project,
      files: [{ name: 'Rechte.txt', size: 1, document_id: id }]
    })
    assert.equal((await rita.send('POST', '/uploads', body(document.id))).status, 403)
    const foreign = await karl.send('POST', '/uploads', body(document.id))
    assert.equal(foreign.status, 404)
    assert.equal((await karl.send('POST', '/uploads', body(randomUUID()))).status, 404)
    assert.equal((await petra.send('POST', '/uploads', body(randomUUID()))).status, 404)
    assert.equal((await karl.send('GET', `/documents/${document.id}/versions`)).status, 404)
    const elsewhere = await stage.seedProject()
    await stage.seedGrant({ person_id: client.id, node_id: elsewhere, level: 3 })
    const mixed = { folder_id: elsewhere, files: [...body(document.id).files, { name: 'b', size: 1 }] }
    assert.equal(await problemCode(await petra.send('POST', '/uploads', mixed)), 'invalid_request')
  })
})

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
    const answers = await Promise.all([restore(), restore(), restore()])
    assert.deepEqual(
      answers.map((answer) => answer.status),
      [200, 200, 200]
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
    const app = openDatabase(stage.database.url('portico_app'), 1)
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
    const [arrival] = await pipeline.transaction([project], (session, made) =>
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

suite('before files are sent', () => {
  test('it can be asked which have a document of their name, also in folders that they bring along', async () => {
    await first('Beleg.txt')
    await petra.upload(project, [file('Innen.txt', 'x', '2025/Belege')])
    const files = [
      { name: 'Beleg.txt' },
      { name: 'Innen.txt', path: '2025/Belege' },
      { name: 'Innen.txt' },
      { name: 'Neu.txt', path: '2025/Nichts' }
    ]
    const { matches } = await petra.ok<FileMatches>('POST', '/uploads/matches', { folder_id: project, files })
    assert.deepEqual(
      matches.map((one) => [one.index, one.newest_no]),
      [
        [0, 1],
        [1, 1]
      ]
    )
    const wish = { folder_id: project, files }
    assert.equal((await rita.send('POST', '/uploads/matches', wish)).status, 403)
    assert.equal((await karl.send('POST', '/uploads/matches', wish)).status, 404)
  })
})
