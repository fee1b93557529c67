/** Texts are found from the newest shelf to the oldest; a full shelf is followed by a new one. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testDatabase } from '../support/database.ts'
import { insertGrant, insertNode, makeSmallFirm } from '../support/small-firm.ts'

const SHELF = 32_768

const database = await testDatabase()
const owner = await database.client('portico_owner')
const maker = await database.client('postgres')
const pipeline = await database.client('portico_pipeline')
const app = await database.client('portico_app')
const firm = await makeSmallFirm(owner)
await insertGrant(owner, { person_id: firm.person, node_id: firm.project, level: 2 })

const otherProject = await insertNode(owner, 'project', firm.firm, { client_id: firm.client })
const otherFolder = await insertNode(owner, 'folder', otherProject)

const addShelf = async (): Promise<number> =>
  (await pipeline.query<{ n: number }>('select search_shelf_add() as n')).rows[0]?.n ?? -1

/** Documents of one page that says the same, a millisecond apart. */
async function addDocuments(count: number, from: number, later = '0'): Promise<void> {
  await maker.query('set session_replication_role = replica')
  await maker.query(
    `with d as (
       insert into document (id, folder_id, project_id, name)
       select uuidv7($4::interval + n * interval '1 millisecond'), $1, $2, 'Akte ' || $5::int + n from generate_series(1, $3::int) n
       returning id, project_id),
     v as (
       insert into version (id, document_id, project_id, no, object_key, object_version_id, size, declared_type, state)
       select id, id, project_id, 1, id::text, id::text, 1, 'text/plain', 'ready' from d returning id)
     insert into page_text (version_id, no, document_id, project_id, words, vector)
     select id, 1, id, project_id, 'Vertrag', search_page('Vertrag', id, project_id) from d`,
    [firm.folder, firm.project, count, later, from]
  )
  // Triggers are off for so many at once.
  await maker.query(
    'insert into search_spread select distinct project_id, search_shelf_of(id) from document on conflict do nothing'
  )
  await maker.query('update document set current_version_id = id where current_version_id is null')
  await maker.query('set session_replication_role = origin')
}

const LAST = 'ffffffff-ffff-ffff-ffff-ffffffffffff'

async function find(n: number, after: string, units = { text: 'vertrag', exact: false, prefix: true }) {
  const { rows } = await app.query<{ id: string; name: string; marks: string[] }>(
    'select id, name, marks from search_pages($1, $2, search_reach($1, null, now(), 2), now(), $3, $4)',
    [firm.person, JSON.stringify([units]), after, n]
  )
  return rows
}

test('a shelf that is not full is not followed by another', async () => assert.equal(await addShelf(), 0))

test('a full one is, once, and the newest document is found first, then the older ones, page by page', async () => {
  await addDocuments(SHELF, 0, '-1 hour')
  assert.equal(await addShelf(), 1)
  assert.equal(await addShelf(), 0, 'the new one is empty')
  await addDocuments(2, SHELF, '2 minutes')
  const { rows } = await owner.query<{ shelf: string; n: number }>(
    `select split_part((tsvector_to_array(vector))[1], '/', 1) as shelf, count(*)::int as n from page_text group by 1 order by 1`
  )
  assert.deepEqual(rows, [
    { shelf: '0', n: SHELF },
    { shelf: '1', n: 2 }
  ])
  const names: string[] = []
  let after = LAST
  for (let page = 0; page < 3; page += 1) {
    const hits = await find(3, after)
    names.push(...hits.map((hit) => hit.name))
    after = hits.at(-1)?.id ?? ''
  }
  assert.deepEqual(
    names,
    Array.from({ length: 9 }, (_, i) => `Akte ${SHELF + 2 - i}`)
  )
})

test('what is to be marked are the words that were typed, without signs of the index', async () => {
  const [hit] = await find(1, LAST)
  assert.deepEqual(hit?.marks.toSorted(), ['vertrag', 'vertrag*', '~vertrag'])
})

test('a document that moves is found in the other project and no more in this one', async () => {
  const [hit] = await find(1, LAST)
  await owner.query('update document set folder_id = $1 where id = $2', [otherFolder, hit?.id])
  assert.notEqual((await find(1, LAST))[0]?.id, hit?.id)
  await insertGrant(owner, { person_id: firm.person, node_id: otherProject, level: 2 })
  assert.equal((await find(1, LAST))[0]?.id, hit?.id)
})

test('only the clock’s role makes shelves', async () => {
  await assert.rejects(app.query('select search_shelf_add()'), { code: '42501' })
  await assert.rejects(app.query('select * from search_shelf'), { code: '42501' })
})
