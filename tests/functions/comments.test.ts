import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { Comment } from '../../functions/_shared/contract/comment.ts'
import type { Project } from '../../functions/_shared/contract/document.ts'
import { asCaller, file, setDocumentsStage } from '../support/documents.ts'
import { problemCode } from '../support/functions.ts'

type Page = { items: Comment[]; next: string | null }

const stage = await setDocumentsStage()
await stage.seedFirm()
const organisation = await stage.seedOrganisation('Bergmann GmbH')
const people = {
  jonas: await stage.seedPerson({ name: 'Jonas Weber', staff_role: 'staff' }),
  petra: await stage.seedPerson({ name: 'Petra Bergmann', organisation_id: organisation }),
  viewer: await stage.seedPerson({ name: 'Vera Viewer' }),
  karl: await stage.seedPerson({ name: 'Karl Åberg' })
}
const as = async (person: { id: string }) => asCaller(stage.documents, await stage.signIn(person))
const [jonas, petra, viewer, karl] = await Promise.all(Object.values(people).map(as))
assert.ok(jonas && petra && viewer && karl)

const project = await jonas.ok<Project>('POST', '/projects', { name: 'Accounts', client_id: organisation })
const [paper, other] = await petra.upload(project.id, [file('Paper.txt', 'a'), file('Other.txt', 'b')])
assert.ok(paper && other)
await stage.seedGrant({ person_id: people.viewer.id, document_id: paper.id, level: 1 })

const write = (who: typeof petra, text: string, wish: object = {}) =>
  who.send('POST', '/comments', { documents: [paper.id], text, ...wish })
const seen = async (who: typeof petra, id = paper.id) =>
  (await who.ok<Page>('GET', `/documents/${id}/comments`)).items

suite('comments', () => {
  test('are written and read by whoever may see the document, the newest first, and are in the log', async () => {
    assert.equal((await write(petra, 'Which year?\n\nThanks')).status, 201)
    assert.equal((await write(viewer, '  2025, I think\u202e ')).status, 201)
    const texts = (await seen(jonas)).map(({ text, author, staff, own }) => ({
      ...{ text, name: author.name },
      ...{ staff, own }
    }))
    assert.deepEqual(texts, [
      { text: '2025, I think', name: 'Vera Viewer', staff: false, own: false },
      { text: 'Which year?\n\nThanks', name: 'Petra Bergmann', staff: false, own: false }
    ])
    const acts = await stage.owner.query(
      `select convert_from(body, 'UTF8') as body from audit where action = 'comment.written' order by seq`
    )
    assert.equal(acts.rowCount, 2)
    assert.doesNotMatch(JSON.stringify(acts.rows), /year|Petra/)
  })

  test('are there for nobody who may not see the document', async () => {
    assert.equal((await write(karl, 'Hello?')).status, 404)
    assert.equal((await karl.send('GET', `/documents/${paper.id}/comments`)).status, 404)
    const mixed = await write(viewer, 'Both', { documents: [paper.id, other.id] })
    assert.equal(mixed.status, 404)
  })

  test('on several documents are seen only by whoever may see all of them', async () => {
    assert.equal(
      (await write(petra, 'These belong together', { documents: [paper.id, other.id] })).status,
      201
    )
    const [newest] = await seen(jonas, other.id)
    assert.deepEqual(newest?.documents.map((one) => one.name).toSorted(), ['Other.txt', 'Paper.txt'])
    assert.equal(
      (await seen(viewer)).some((one) => one.text === 'These belong together'),
      false
    )
    assert.equal((await seen(viewer)).length, 2)
  })

  test('speak only to people who may see what they are about', async () => {
    const refused = await write(petra, 'Karl?', { mentions: [people.karl.id] })
    assert.equal(await problemCode(refused), 'invalid_request')
    assert.equal((await write(petra, 'x', { mentions: [crypto.randomUUID()] })).status, 422)
    const made = await petra.ok<Comment>('POST', '/comments', {
      documents: [paper.id],
      text: 'Jonas?',
      mentions: [people.jonas.id, people.jonas.id]
    })
    assert.deepEqual(
      made.mentions.map((one) => one.name),
      ['Jonas Weber']
    )
  })

  test('are refused when they say nothing, or too much', async () => {
    assert.equal((await write(petra, ' \u200b\n ')).status, 422)
    assert.equal((await write(petra, 'x'.repeat(4_001))).status, 422)
    assert.equal((await write(petra, 'x', { documents: [] })).status, 422)
  })

  test('are taken back by their author alone, once; that there was one stays', async () => {
    const made = await petra.ok<Comment>('POST', '/comments', { documents: [paper.id], text: 'Oops' })
    const at = `/documents/${paper.id}/comments/${made.id}`
    assert.equal((await jonas.send('DELETE', at)).status, 404)
    assert.equal((await petra.send('DELETE', `/documents/${other.id}/comments/${made.id}`)).status, 404)
    const twice = await Promise.all([petra.send('DELETE', at), petra.send('DELETE', at)])
    assert.deepEqual(twice.map((one) => one.status).toSorted(), [204, 404])
    const [newest] = await seen(jonas)
    assert.equal(newest?.text, '')
    assert.equal(newest?.taken_back, true)
  })

  test('come page by page', async () => {
    const texts: string[] = []
    let next: string | null = ''
    while (next !== null) {
      const page: Page = await jonas.ok(
        'GET',
        `/documents/${paper.id}/comments?limit=2${next && `&cursor=${next}`}`
      )
      texts.push(...page.items.map((one) => one.text))
      next = page.next
    }
    assert.equal(new Set((await seen(jonas)).map((one) => one.id)).size, texts.length)
    assert.equal(texts.at(-1), 'Which year?\n\nThanks')
  })
})
