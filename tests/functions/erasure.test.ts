/** What is thrown away goes for good after 30 days or at once when asked; nothing else does, whenever it is killed. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { ListObjectVersionsCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import type { Document, Folder, Project } from '../../functions/_shared/contract/document.ts'
import type { Gone, Outcomes, Trashed } from '../../functions/_shared/contract/order.ts'
import { asCaller, file, seedPages, setDocumentsStage } from '../support/documents.ts'

const stage = await setDocumentsStage()
await stage.seedFirm()
const organisation = await stage.seedOrganisation('Bergmann GmbH')
const people = {
  jonas: await stage.seedPerson({ name: 'Jonas Weber', staff_role: 'staff' }),
  petra: await stage.seedPerson({ name: 'Petra Bergmann', organisation_id: organisation })
}
const as = async (person: { id: string }) => asCaller(stage.documents, await stage.signIn(person))
const [jonas, petra] = await Promise.all([as(people.jonas), as(people.petra)])
type Caller = typeof jonas
const clock = await stage.handler('clock')
const { signJobToken } = await import('../../functions/_shared/auth/job-token.ts')
const { secretKey } = await import('../../functions/_shared/config.ts')

const project = await jonas.ok<Project>('POST', '/projects', { name: 'Accounts', client_id: organisation })
const newFolder = (name: string) => jonas.ok<Folder>('POST', '/folders', { parent_id: project.id, name })

/** One call of the clock's act. */
async function callClock(cursor?: unknown): Promise<{ outcome: string; result: { found: number } }> {
  const token = await signJobToken(secretKey('job-signing-key'), 'clock', 'a job', 30)
  const answer = await clock.fetch(
    new Request('http://clock/', {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify({ act: 'empty_trash', cursor })
    })
  )
  assert.equal(answer.status, 200)
  return answer.json()
}
const emptyTrash = async (): Promise<number> => (await callClock()).result.found

/** A document with two pages, ready, and files of its own in the derived bucket. */
async function paper(name: string, folder_id = project.id, who: Caller = jonas): Promise<Document> {
  const [made] = await who.upload(folder_id, [file(name, `what ${name} says`)])
  assert.ok(made)
  await seedPages(stage, made.id, 2)
  const document = await who.ok<Document>('GET', `/documents/${made.id}`)
  await stage.store.s3.send(
    new PutObjectCommand({ Bucket: 'portico-derived', Key: `${document.version.id}/job/1.jpg`, Body: 'x' })
  )
  return document
}

async function objectsOf(document: Document): Promise<number> {
  const { rows } = await stage.owner.query<{ id: string; object_key: string }>(
    'select id, object_key from version where document_id = $1',
    [document.id]
  )
  let count = 0
  for (const { id, object_key } of rows)
    for (const [Bucket, Prefix] of [
      ['portico-documents', object_key],
      ['portico-derived', `${id}/`]
    ] as const) {
      const { Versions = [], DeleteMarkers = [] } = await stage.store.s3.send(
        new ListObjectVersionsCommand({ Bucket, Prefix })
      )
      count += Versions.length + DeleteMarkers.length
    }
  return count
}
const pagesOf = async (document: Document) =>
  (
    await stage.owner.query(
      'select from page p join version v on v.id = p.version_id where v.document_id = $1',
      [document.id]
    )
  ).rowCount
const trash = (...things: string[]) => jonas.ok<Outcomes>('POST', '/things/trash', { things })
const ask = async (who: Caller, what: 'empty' | 'restore', ...things: string[]) =>
  (await who.ok<Outcomes>('POST', `/projects/${project.id}/trash/${what}`, { things })).things.map(
    (one) => one.outcome
  )
const inTrash = async () =>
  (await jonas.ok<Trashed[]>('GET', `/projects/${project.id}/trash`)).map((one) => one.id)
const gone = (who: Caller = jonas) => who.ok<Gone[]>('GET', `/projects/${project.id}/trash/gone`)
const daysLater = (id: string, days: number) =>
  stage.owner.query(`update trash set at = at - $2 * interval '1 day' where thing_id = $1`, [id, days])
const acts = async (id: string) =>
  (
    await stage.owner.query<{ action: string; actor_id: string | null }>(
      `select action, actor_id from audit where subject_id = $1 and action like '%.erased' order by seq`,
      [id]
    )
  ).rows

suite('after 30 days', () => {
  test('bytes, pages and derived files are gone, and what is left says that it was there', async () => {
    const document = await paper('Alt.pdf')
    await trash(document.id)
    await daysLater(document.id, 29)
    assert.equal(await emptyTrash(), 0)
    assert.equal(await objectsOf(document), 2)
    assert.equal(await pagesOf(document), 2)
    await daysLater(document.id, 2)
    assert.equal(await emptyTrash(), 1)
    assert.equal(await objectsOf(document), 0)
    assert.equal(await pagesOf(document), 0)
    assert.deepEqual(await inTrash(), [])
    assert.deepEqual(await ask(jonas, 'restore', document.id), ['not_found'])
    assert.deepEqual(await acts(document.id), [{ action: 'document.erased', actor_id: null }])
    const [left] = await gone()
    assert.equal(left?.name, 'Alt.pdf')
    assert.equal(left.by, null)
    assert.deepEqual(await gone(petra), [], 'only for whoever manages')
    assert.equal(await emptyTrash(), 0, 'once')
  })

  test('a folder goes with all that is in it, and what lies beside it stays', async () => {
    const folder = await newFolder('Alt')
    const inside = [await paper('A.pdf', folder.id), await paper('B.pdf', folder.id)]
    const beside = await paper('C.pdf')
    await trash(folder.id)
    await daysLater(folder.id, 31)
    assert.equal(await emptyTrash(), 2)
    for (const one of inside) assert.equal(await objectsOf(one), 0)
    assert.ok((await objectsOf(beside)) > 0)
    assert.deepEqual(await acts(folder.id), [{ action: 'folder.erased', actor_id: null }])
    assert.equal((await jonas.send('GET', `/documents/${beside.id}`)).status, 200)
  })

  test('what was taken out in time stays', async () => {
    const document = await paper('Doch.pdf')
    await trash(document.id)
    await daysLater(document.id, 31)
    assert.deepEqual(await ask(jonas, 'restore', document.id), ['done'])
    assert.equal(await emptyTrash(), 0)
    assert.equal((await jonas.send('GET', `/documents/${document.id}`)).status, 200)
  })
})

suite('at once', () => {
  test('for whoever manages, not for a client who brought it', async () => {
    const document = await paper('Entwurf.pdf', project.id, petra)
    await petra.ok('POST', '/things/trash', { things: [document.id] })
    assert.deepEqual(await ask(petra, 'empty', document.id), ['forbidden'])
    assert.deepEqual(await ask(jonas, 'empty', document.id, document.id), ['done'])
    assert.deepEqual(await ask(petra, 'restore', document.id), ['not_found'])
    assert.equal(await emptyTrash(), 1)
    assert.deepEqual(await acts(document.id), [{ action: 'document.erased', actor_id: people.jonas.id }])
    assert.equal((await gone()).at(0)?.by?.name, 'Jonas Weber')
  })

  test('nothing that does not lie in the trash', async () => {
    const document = await paper('Da.pdf')
    assert.deepEqual(await ask(jonas, 'empty', document.id), ['not_found'])
    assert.equal(await emptyTrash(), 0)
    assert.ok((await objectsOf(document)) > 0)
  })

  test('not while it is being prepared: that is waited for', async () => {
    const document = await paper('Neu.pdf')
    await trash(document.id)
    await ask(jonas, 'empty', document.id)
    await stage.owner.query(`update version set state = 'previewing' where document_id = $1`, [document.id])
    assert.equal(await emptyTrash(), 0)
    await stage.owner.query(`update version set state = 'ready' where document_id = $1`, [document.id])
    assert.equal(await emptyTrash(), 1)
  })
})

test('killed after the database, before the store: the next call removes the bytes, with one act in the log', async () => {
  const document = await paper('Halb.pdf')
  await trash(document.id)
  await ask(jonas, 'empty', document.id)
  // What the transaction of the killed call left.
  await stage.owner.query('update version set erased_at = now() where document_id = $1', [document.id])
  await emptyTrash()
  assert.equal(await objectsOf(document), 0)
  assert.equal((await acts(document.id)).length, 0)
})

test('the store tells of the removal, and that is no incident; of any other it is one', async () => {
  const [mine, other] = [await paper('Weg.pdf'), await paper('Bleibt.pdf')]
  await trash(mine.id)
  await ask(jonas, 'empty', mine.id)
  await emptyTrash()
  const tell = (document: Document) =>
    stage.owner.query(
      `select inbox_record('portico-documents', v.object_key, v.object_version_id, 'removed', 'event', null)
         from version v where v.document_id = $1`,
      [document.id]
    )
  await tell(mine)
  assert.equal((await stage.owner.query('select from incident')).rowCount, 0)
  await tell(other)
  assert.equal((await stage.owner.query('select from incident')).rowCount, 1)
})
