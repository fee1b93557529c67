/** Lists of links in pages and by words: nobody waits for an answer behind others, and each link is listed once. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Project } from '../../functions/_shared/contract/document.ts'
import type { Link, MadeLink } from '../../functions/_shared/contract/link.ts'
import { asCaller, file, setDocumentsStage } from '../support/documents.ts'
import { problemCode } from '../support/functions.ts'

type Page = { items: Link[]; next: string | null }

const stage = await setDocumentsStage()
await stage.seedFirm()
const sharing = await stage.handler('sharing')
const maker = await stage.seedPerson({ name: 'Jonas Weber', staff_role: 'staff' })
const other = await stage.seedPerson({ name: 'Olga Other', staff_role: 'staff' })
const cookie = await stage.signIn(maker)
const jonas = asCaller(stage.documents, cookie)
const share = asCaller(sharing, cookie)
const stranger = asCaller(sharing, await stage.signIn(other))
const project = await jonas.ok<Project>('POST', '/projects', { name: 'Annual accounts' })
const [paper] = await jonas.upload(project.id, [file('Paper.pdf', 'not really a PDF')])
assert.ok(paper)

const made: MadeLink[] = []
for (const recipient of ['Sparkasse Köln', 'Finanzamt Köln', 'Sparkasse Bonn', 'Notar', 'Sparkasse 100 %'])
  made.push(await share.ok<MadeLink>('POST', '/links', { thing_ids: [paper.id], recipient }))
// The oldest and one in the middle wait for an answer.
const waiting = [made[0], made[2]].map((link) => link?.id ?? '')
await stage.owner.query('update link set renewal_asked_at = now() where id = any($1)', [waiting])
const ids = made.map((link) => link.id)
const expected = [...waiting.toReversed(), ...ids.filter((id) => !waiting.includes(id)).toReversed()]

const list = (query: string, who = share) => who.ok<Page>('GET', `/links?${query}`)
const idsOf = ({ items }: Page) => items.map((link) => link.id)

for (const [name, place] of [
  ['one’s own', ''],
  ['of a project', `project_id=${project.id}&`],
  ['of a thing', `thing_id=${paper.id}&`]
] as const)
  test(`${name}: who waits for an answer first, then the newest, each once over pages of any size`, async () => {
    for (const limit of [1, 2, 3, 200]) {
      const seen: string[] = []
      let cursor: string | null = ''
      while (cursor !== null) {
        const page: Page = await list(`${place}limit=${limit}${cursor && `&cursor=${cursor}`}`)
        assert.ok(page.items.length <= limit)
        seen.push(...idsOf(page))
        cursor = page.next
      }
      assert.deepEqual(seen, expected)
    }
  })

test('words of the recipient find it, in any order and case; nothing in them is a pattern', async () => {
  for (const [words, count] of [
    ['sparkasse', 3],
    ['KÖLN spark', 1],
    ['köln', 2],
    ['%', 1],
    ['_', 0],
    ['', 5]
  ] as const)
    assert.equal((await list(`q=${encodeURIComponent(words)}`)).items.length, count, words)
})

test('one by its id, and of a stranger nothing, whatever is asked', async () => {
  assert.deepEqual(idsOf(await list(`id=${ids[3]}`)), [ids[3]])
  for (const query of ['', 'q=sparkasse', `id=${ids[3]}`])
    assert.deepEqual(idsOf(await list(query, stranger)), [], query)
  assert.equal(
    await problemCode(await stranger.send('GET', `/links?project_id=${project.id}&q=a`)),
    'not_found'
  )
})

test('a cursor that is not ours, also an old one, is refused', async () => {
  const old = Buffer.from(JSON.stringify(ids[0])).toString('base64url')
  for (const cursor of ['x', old])
    assert.equal(await problemCode(await share.send('GET', `/links?cursor=${cursor}`)), 'invalid_request')
})
