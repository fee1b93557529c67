/** Tags, descriptions, favourites, what was opened last, and what is new to whom. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { Document, Project } from '../../functions/_shared/contract/document.ts'
import type { SearchHit } from '../../functions/_shared/contract/search.ts'
import { asCaller, file, seedPages, setDocumentsStage } from '../support/documents.ts'
import { problemCode } from '../support/functions.ts'

type Page<T> = { items: T[]; next: string | null }

const stage = await setDocumentsStage()
await stage.seedFirm()
const organisation = await stage.seedOrganisation('Bergmann GmbH')
const people = {
  jonas: await stage.seedPerson({ name: 'Jonas Weber', staff_role: 'staff' }),
  petra: await stage.seedPerson({ name: 'Petra Bergmann', organisation_id: organisation }),
  stranger: await stage.seedPerson({ name: 'Sven Stranger' })
}
const as = async (person: { id: string }) => asCaller(stage.documents, await stage.signIn(person))
const [jonas, petra, stranger] = await Promise.all([as(people.jonas), as(people.petra), as(people.stranger)])
type Caller = typeof jonas
const project = await jonas.ok<Project>('POST', '/projects', { name: 'Accounts', client_id: organisation })

async function paper(who: Caller, name: string): Promise<string> {
  const [made] = await who.upload(project.id, [file(name, name)])
  assert.ok(made)
  await seedPages(stage, made.id, 1)
  return made.id
}
const get = (who: Caller, id: string) => who.ok<Document>('GET', `/documents/${id}`)
const names = async (who: Caller, path: string) =>
  (await who.ok<Document[]>('GET', path)).map((one) => one.name)

suite('tags and a description', async () => {
  const id = await paper(petra, 'Scan 0001.pdf')
  const describe = (who: Caller, wish: object) =>
    who.send('PUT', `/documents/${id}/labels`, { tags: [], description: '', described_at: null, ...wish })

  test('are seen by whoever sees the document, cleaned, each tag once', async () => {
    const answer = await describe(petra, {
      tags: [' Lohn ', 'lohn', 'März\u200b'],
      description: ' Für Frau Müller\r\n'
    })
    assert.equal(answer.status, 200)
    const { tags, description } = await get(jonas, id)
    assert.deepEqual([tags, description], [['Lohn', 'März'], 'Für Frau Müller'])
    assert.deepEqual(await jonas.ok('GET', `/projects/${project.id}/tags`), ['Lohn', 'März'])
    const found = async (q: string) =>
      (await jonas.ok<Page<SearchHit>>('GET', `/search?q=${encodeURIComponent(q)}`)).items.map(
        (hit) => hit.id
      )
    for (const q of ['lohn', 'muller', 'Scan 0001']) assert.deepEqual(await found(q), [id], q)
    const tagged = await jonas.ok<Page<Document>>('GET', `/folders/${project.id}/documents?tag=LOHN`)
    assert.equal(tagged.items.length, 1)
  })

  test('are not overwritten by who has not seen the last change', async () => {
    assert.equal(await problemCode(await describe(jonas, { description: 'mine' })), 'conflict')
    const { described_at } = await get(jonas, id)
    assert.equal((await describe(jonas, { description: 'mine', described_at })).status, 200)
    assert.equal((await get(petra, id)).description, 'mine')
  })

  test('are for whoever keeps order there, within limits, and in the log', async () => {
    const firms = await paper(jonas, 'Vertrag.pdf')
    const wish = { tags: ['x'], description: '', described_at: null }
    assert.equal((await petra.send('PUT', `/documents/${firms}/labels`, wish)).status, 403)
    assert.equal((await stranger.send('PUT', `/documents/${firms}/labels`, wish)).status, 404)
    const many = Array.from({ length: 21 }, (_, i) => `t${i}`)
    for (const bad of [{ tags: many }, { tags: ['x'.repeat(41)] }, { description: 'x'.repeat(2_001) }])
      assert.equal((await jonas.send('PUT', `/documents/${firms}/labels`, { ...wish, ...bad })).status, 422)
    const { rowCount } = await stage.owner.query(`select from audit where action = 'document.described'`)
    assert.equal(rowCount, 2)
  })
})

suite('for oneself', () => {
  test('favourites and what was opened last, as long as one may see it', async () => {
    const [one, two] = [await paper(jonas, 'Eins.pdf'), await paper(jonas, 'Zwei.pdf')]
    for (const id of [one, two, one])
      assert.equal((await petra.send('PUT', `/documents/${id}/favourite`)).status, 204)
    assert.deepEqual(await names(petra, '/favourites'), ['Zwei.pdf', 'Eins.pdf'])
    assert.deepEqual(await names(jonas, '/favourites'), [])
    assert.equal((await get(petra, one)).favourite, true)
    assert.equal((await get(jonas, one)).favourite, false)
    await petra.ok('DELETE', `/documents/${two}/favourite`)
    await petra.ok('GET', `/documents/${one}/pages`)
    await petra.ok('GET', `/documents/${two}/pages`)
    assert.deepEqual(await names(petra, '/recent'), ['Zwei.pdf', 'Eins.pdf'])
    await jonas.ok('POST', '/things/trash', { things: [one] })
    assert.deepEqual(await names(petra, '/favourites'), [])
    assert.deepEqual(await names(petra, '/recent'), ['Zwei.pdf'])
    assert.equal((await stranger.send('PUT', `/documents/${two}/favourite`)).status, 404)
  })

  test('a document is new until it was opened, a new version again, one’s own never', async () => {
    const id = await paper(jonas, 'Neu.pdf')
    assert.equal((await get(petra, id)).unread, true)
    assert.equal((await get(jonas, id)).unread, false)
    await petra.ok('GET', `/documents/${id}/pages`)
    assert.equal((await get(petra, id)).unread, false)
    await jonas.upload(project.id, [{ ...file('Neu.pdf', 'more'), document_id: id }])
    await stage.owner.query(
      `update document set current_version_id = (select id from version where document_id = $1 order by no desc limit 1) where id = $1`,
      [id]
    )
    assert.equal((await get(petra, id)).unread, true)
    const unread = await petra.ok<Page<Document>>('GET', `/folders/${project.id}/documents?mark=unread`)
    assert.ok(unread.items.some((one) => one.id === id))
    await petra.ok('POST', `/projects/${project.id}/read`)
    assert.equal((await get(petra, id)).unread, false)
  })

  test('for somebody new nothing that was there before is new', async () => {
    const late = await as(await stage.seedPerson({ name: 'Lena Late', organisation_id: organisation }))
    const { items } = await late.ok<Page<Document>>('GET', `/folders/${project.id}/documents`)
    assert.ok(items.length > 0)
    assert.ok(items.every((one) => !one.unread))
  })
})
