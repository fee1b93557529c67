/** What the firm brings to a place with four eyes waits; triggers keep that, whoever writes. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { beforeEach, test } from 'node:test'
import { testDatabase } from '../support/database.ts'
import {
  type SmallFirm,
  insertDocument,
  insertGrant,
  insertNode,
  insertPerson,
  levelOf,
  makeSmallFirm
} from '../support/small-firm.ts'

const database = await testDatabase()
const owner = await database.client('portico_owner')
let made: SmallFirm
let colleague: string

beforeEach(async () => {
  await owner.query('truncate firm, person, organisation, groups, node, document cascade')
  made = await makeSmallFirm(owner)
  colleague = await insertPerson(owner, { staff_role: 'staff' })
  await insertGrant(owner, { person_id: made.person, node_id: made.project, level: 2 })
  await insertGrant(owner, { person_id: colleague, node_id: made.project, level: 3 })
  await owner.query('update node set four_eyes = true where id = $1', [made.project])
})

/** A version that arrived; the document's first, or its next. */
async function arrive(document: string, by: string | null, state = 'ready'): Promise<string> {
  const { rows } = await owner.query<{ id: string }>(
    `insert into version (document_id, project_id, no, object_key, object_version_id, size, declared_type, created_by, state)
     select $1, $2, coalesce(max(no), 0) + 1, $3, 'v', 1, 'text/plain', $4, $5 from version where document_id = $1 returning id`,
    [document, made.project, randomUUID(), by, state]
  )
  const id = rows[0]?.id ?? ''
  await owner.query(
    'update document set current_version_id = coalesce(current_version_id, $2) where id = $1',
    [document, id]
  )
  return id
}

const release = (version: string) =>
  owner.query('update version set waits = false, shown_by = $2, shown_at = now() where id = $1', [
    version,
    colleague
  ])
const current = async (document: string): Promise<string> =>
  (await owner.query('select current_version_id as id from document where id = $1', [document])).rows[0].id

test('what the firm uploads is out of sight for the client until it is released, and in sight for the firm', async () => {
  const version = await arrive(made.document, colleague)
  assert.equal(await levelOf(owner, made.person, made.document), 0)
  assert.equal(await levelOf(owner, colleague, made.document), 3)
  await release(version)
  assert.equal(await levelOf(owner, made.person, made.document), 2)
})

test('what a machine brings waits too; what a client uploads does not', async () => {
  await arrive(made.document, null)
  assert.equal(await levelOf(owner, made.person, made.document), 0)
  const own = await insertDocument(owner, made.folder)
  await arrive(own, made.person)
  assert.equal(await levelOf(owner, made.person, own), 2)
})

test('a link of the firm’s shows nothing that waits', async () => {
  const { rows } = await owner.query<{ id: string }>('insert into link (made_by) values ($1) returning id', [
    colleague
  ])
  const link = rows[0]?.id ?? ''
  await insertGrant(owner, { link_id: link, document_id: made.document, level: 2 })
  const version = await arrive(made.document, colleague)
  assert.equal(await levelOf(owner, link, made.document), 0)
  await release(version)
  assert.equal(await levelOf(owner, link, made.document), 2)
})

test('a new version waits while the one before it stays in sight, and follows it when released', async () => {
  const first = await arrive(made.document, colleague)
  await release(first)
  const second = await arrive(made.document, colleague)
  assert.equal(await current(made.document), first)
  assert.equal(await levelOf(owner, made.person, made.document), 2)
  await release(second)
  assert.equal(await current(made.document), second)
})

test('a newer version that is released shows the document although an older one still waits', async () => {
  await arrive(made.document, colleague)
  const second = await arrive(made.document, colleague)
  await release(second)
  assert.equal(await current(made.document), second)
  assert.equal(await levelOf(owner, made.person, made.document), 2)
})

test('the second wall shows a waiting version only to a call that is of the firm', async () => {
  await release(await arrive(made.document, colleague))
  await arrive(made.document, colleague)
  const app = await database.client('portico_app')
  const seen = async (of_firm: string) => {
    await app.query('begin')
    await app.query(`select set_config('app.projects', $1, true), set_config('app.of_firm', $2, true)`, [
      `{${made.project}}`,
      of_firm
    ])
    const { rows } = await app.query('select no from version order by no')
    await app.query('rollback')
    return rows.map((row) => row.no)
  }
  assert.deepEqual(await seen(''), [1])
  assert.deepEqual(await seen('yes'), [1, 2])
})

test('switching four eyes on leaves in sight what is there; switching it off releases nothing', async () => {
  await owner.query('update node set four_eyes = false where id = $1', [made.project])
  await arrive(made.document, colleague)
  await owner.query('update node set four_eyes = true where id = $1', [made.project])
  assert.equal(await levelOf(owner, made.person, made.document), 2)
  const later = await insertDocument(owner, made.folder)
  await arrive(later, colleague)
  await owner.query('update node set four_eyes = false where id = $1', [made.project])
  assert.equal(await levelOf(owner, made.person, later), 0)
})

test('what is moved to a place with four eyes waits there, alone or with its folder, unless it was released before', async () => {
  const elsewhere = await insertNode(owner, 'project', made.firm, { client_id: made.client })
  await insertGrant(owner, { person_id: made.person, node_id: elsewhere, level: 2 })
  const place = async (document: string, folder: string) =>
    owner.query('update document set folder_id = $2 where id = $1', [document, folder])
  const alone = await insertDocument(owner, elsewhere)
  await arrive(alone, colleague)
  assert.equal(await levelOf(owner, made.person, alone), 2)
  await place(alone, made.folder)
  assert.equal(await levelOf(owner, made.person, alone), 0)

  const outer = await insertNode(owner, 'folder', elsewhere)
  const inner = await insertNode(owner, 'folder', outer)
  const deep = await insertDocument(owner, inner)
  await arrive(deep, colleague)
  await owner.query('update node set parent_id = $2 where id = $1', [outer, made.project])
  assert.equal(await levelOf(owner, made.person, deep), 0)

  const checked = await arrive(made.document, colleague)
  await release(checked)
  await place(made.document, elsewhere)
  await place(made.document, made.folder)
  assert.equal(await levelOf(owner, made.person, made.document), 2)
})

test('a lock that counts from the last change begins anew with each version', async () => {
  await owner.query(
    `insert into access_lock (node_id, hides, valid_from, counts_from, delay)
     values ($1, true, '-infinity', 'change', interval '240 hours')`,
    [made.project]
  )
  await owner.query(
    `update document set created_at = now() - interval '300 hours', changed_at = now() - interval '300 hours'`
  )
  assert.equal(await levelOf(owner, made.person, made.document), 0)
  await arrive(made.document, made.person)
  assert.equal(await levelOf(owner, made.person, made.document), 2)
})
