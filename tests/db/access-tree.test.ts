import assert from 'node:assert/strict'
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
const second = await database.client('portico_owner')
let made: SmallFirm

beforeEach(async () => {
  await owner.query('truncate firm, person, organisation, groups, node, document cascade')
  made = await makeSmallFirm(owner)
})

/** True while the query waits for another transaction's lock. */
async function waits(query: Promise<unknown>): Promise<boolean> {
  return Promise.race([
    query.then(() => false),
    new Promise<boolean>((resolve) => setTimeout(() => resolve(true), 150))
  ])
}

test('who takes one grant of a document while another gives one does not hide that it has a say of its own', async () => {
  const old = await insertGrant(owner, { person_id: made.person, document_id: made.document, level: 2 })
  await owner.query('begin')
  await insertGrant(owner, { person_id: made.person, document_id: made.document, level: 1, allows: false })
  await second.query('begin')
  const taking = second.query('delete from access_grant where id = $1', [old])
  assert.equal(await waits(taking), true)
  await owner.query('commit')
  await taking
  await second.query('commit')
  const { rows } = await owner.query('select own_scope from document where id = $1', [made.document])
  assert.equal(rows[0].own_scope, true)
})

test('a folder made while the one above is being closed is closed off too', async () => {
  await insertGrant(owner, { person_id: made.person, node_id: made.project, level: 2 })
  await owner.query('begin')
  await owner.query('update node set inherits = false where id = $1', [made.folder])
  await second.query('begin')
  const making = insertNode(second, 'folder', made.folder)
  assert.equal(await waits(making), true)
  await owner.query('commit')
  const below = await making
  await second.query('commit')
  assert.equal(await levelOf(owner, made.person, below), 0)
})

test('what was made before the folder above was closed is closed off with it', async () => {
  await insertGrant(owner, { person_id: made.person, node_id: made.project, level: 2 })
  await second.query('begin')
  const below = await insertNode(second, 'folder', await insertNode(second, 'folder', made.folder))
  const closing = owner.query('update node set inherits = false where id = $1', [made.folder])
  assert.equal(await waits(closing), true)
  await second.query('commit')
  await closing
  assert.equal(await levelOf(owner, made.person, below), 0)
})

test('a folder that moves to another project takes its documents, versions and uploads behind that wall', async () => {
  const project = await insertNode(owner, 'project', made.firm)
  const inner = await insertNode(owner, 'folder', made.folder)
  const document = await insertDocument(owner, inner)
  await owner.query(
    `insert into version (document_id, project_id, no, object_key, object_version_id, size, declared_type)
     values ($1, $2, 1, 'k', 'v', 1, 'text/plain')`,
    [document, made.project]
  )
  await owner.query('update node set parent_id = $1 where id = $2', [project, made.folder])
  const { rows } = await owner.query(
    `select n.project_id as folder, n.client_id, d.project_id as document, v.project_id as version
       from node n join document d on d.folder_id = n.id join version v on v.document_id = d.id where n.id = $1`,
    [inner]
  )
  assert.deepEqual(rows[0], { folder: project, client_id: null, document: project, version: project })
})

test('a folder that moves below one that moves too is searched where it then lies', async () => {
  const [from, to] = [
    await insertNode(owner, 'project', made.firm),
    await insertNode(owner, 'project', made.firm)
  ]
  const outer = await insertNode(owner, 'folder', from)
  const middle = await insertNode(owner, 'folder', outer)
  const inner = await insertNode(owner, 'folder', made.project)
  await owner.query(
    `update node n set parent_id = x.parent_id from (values ($1::uuid, $2::uuid), ($3::uuid, $4::uuid)) x(id, parent_id)
      where n.id = x.id`,
    [outer, to, inner, middle]
  )
  const { rows } = await owner.query(
    'select n.project_id as lies, t.project_id as searched from node n join name_text t on t.thing_id = n.id where n.id = $1',
    [inner]
  )
  assert.deepEqual(rows[0], { lies: to, searched: to })
})

test('a folder cannot be moved into itself', async () => {
  const inner = await insertNode(owner, 'folder', made.folder)
  await assert.rejects(
    owner.query('update node set parent_id = $1 where id = $2', [inner, made.folder]),
    /cannot be moved into itself/
  )
})

test('a document lies in a project, whatever was said', async () => {
  await assert.rejects(insertDocument(owner, made.firm), /lies in a project/)
  const { rows } = await owner.query(
    `insert into document (folder_id, project_id, name) values ($1, $2, 'x') returning project_id`,
    [made.folder, made.firm]
  )
  assert.equal(rows[0].project_id, made.project)
})

test('groups nest once', async () => {
  const nest = (outer: string, inner: string) =>
    owner.query('insert into group_nesting (outer_id, inner_id) values ($1, $2)', [outer, inner])
  const { rows } = await owner.query(`insert into groups (name) values ('Third') returning id`)
  await nest(made.group, made.other_group)
  await assert.rejects(nest(rows[0].id, made.group), /nest once/)
  await assert.rejects(nest(made.other_group, rows[0].id), /nest once/)
})

test('a sub-account has no sub-accounts', async () => {
  const sub = await insertPerson(owner, { capped_by: made.person })
  await assert.rejects(insertPerson(owner, { capped_by: sub }), /no sub-accounts/)
  const other = await insertPerson(owner)
  await assert.rejects(
    owner.query('update person set capped_by = $1 where id = $2', [other, made.person]),
    /no sub-accounts/
  )
})

test('an answer about one document says where it lies; about none, nothing', async () => {
  await insertGrant(owner, { person_id: made.person, document_id: made.document, level: 2 })
  const app = await database.client('portico_app')
  const ask = (document: string) =>
    app.query('select * from access_of_document($1, $2, now())', [made.person, document])
  assert.deepEqual((await ask(made.document)).rows, [
    { project_id: made.project, folder_id: made.folder, level: 2, unlocked: 2 }
  ])
  assert.deepEqual((await ask(made.person)).rows, [])
})

test('one document given to a person shows as a root of a project of which nothing else is revealed', async () => {
  await insertGrant(owner, { person_id: made.person, document_id: made.document, level: 1 })
  const app = await database.client('portico_app')
  const ask = async (what: string, values: unknown[]) =>
    (await app.query(`select * from ${what}`, values)).rows
  assert.deepEqual(await ask('access_projects($1, now())', [made.person]), [
    { project_id: made.project, level: 0 }
  ])
  assert.deepEqual(await ask('access_tree($1, $2, now())', [made.person, made.project]), [])
  assert.deepEqual(await ask('access_list($1, $2, now())', [made.person, made.folder]), [])
  assert.deepEqual(await ask('access_list($1, $2, now())', [made.person, made.project]), [
    { id: made.document, name: 'document', level: 1, unlocked: 1 }
  ])
})

test('names sort as people expect', async () => {
  await insertGrant(owner, { person_id: made.person, node_id: made.folder, level: 1 })
  for (const name of ['Zeugnis', 'Ärzte', 'Anlage 10', 'Anlage 2', 'anlage 1'])
    await insertDocument(owner, made.folder, name)
  const { rows } = await owner.query('select name from access_list($1, $2, now())', [
    made.person,
    made.folder
  ])
  assert.deepEqual(
    rows.map((row) => row.name),
    ['anlage 1', 'Anlage 2', 'Anlage 10', 'Ärzte', 'document', 'Zeugnis']
  )
})
