import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { ROLES } from '../../infra/postgres/roles.ts'
import { testDatabase } from '../support/database.ts'
import { type SmallFirm, insertDocument, insertNode, makeSmallFirm } from '../support/small-firm.ts'

const database = await testDatabase()
const owner = await database.client('portico_owner')
const app = await database.client('portico_app')
const pipeline = await database.client('portico_pipeline')

let made: SmallFirm
let other: { project: string; document: string }
before(async () => {
  made = await makeSmallFirm(owner)
  const project = await insertNode(owner, 'project', made.firm)
  other = { project, document: await insertDocument(owner, project) }
  for (const document of [made.document, other.document]) {
    const { rows } = await owner.query(
      `insert into version (document_id, project_id, no, object_key, object_version_id, size, declared_type)
       select id, project_id, 1, id || '/1', 'v', 1, 'text/plain' from document where id = $1 returning id, project_id`,
      [document]
    )
    await owner.query(
      `insert into page (version_id, project_id, no, width, height, image_key, thumbnail_key) values ($1, $2, 1, 1, 1, 'i', 't')`,
      [rows[0].id, rows[0].project_id]
    )
    await owner.query(
      `insert into upload (person_id, project_id, folder_id, document_id, version_id, name, size, declared_type, part_size)
       values ($1, $2, $2, uuidv7(), uuidv7(), 'x', 1, 'text/plain', 1)`,
      [made.person, rows[0].project_id]
    )
  }
})

const TABLES = ['document', 'version', 'page', 'upload']

/** What a transaction that named these projects sees of a table: project ids. */
async function seen(table: string, projects: string | null): Promise<string[]> {
  await app.query('begin')
  if (projects !== null) await app.query(`select set_config('app.projects', $1, true)`, [projects])
  const { rows } = await app.query(`select project_id from ${table}`)
  await app.query('commit')
  return rows.map((row) => row.project_id)
}

for (const table of TABLES) {
  test(`the second wall shows no ${table} where no project was named`, async () => {
    assert.deepEqual(await seen(table, null), [])
    assert.deepEqual(await seen(table, ''), [])
    assert.deepEqual(await seen(table, '{}'), [])
  })

  test(`the second wall shows each ${table} of the project that was named, and no other`, async () => {
    assert.deepEqual(await seen(table, `{${made.project}}`), [made.project])
    assert.deepEqual((await seen(table, `{${made.project},${other.project}}`)).length, 2)
    // The next transaction of the same connection starts with nothing again.
    assert.deepEqual(await seen(table, null), [])
  })
}

test('behind the wall nothing can be written into another project', async () => {
  await app.query('begin')
  await app.query(`select set_config('app.projects', $1, true)`, [`{${made.project}}`])
  const { rowCount } = await app.query(`update document set name = 'x' where id = $1`, [other.document])
  assert.equal(rowCount, 0)
  await assert.rejects(
    app.query(`insert into document (folder_id, name) values ($1, 'x')`, [other.project]),
    /row-level security/
  )
  await app.query('rollback')
})

test('the pipeline serves all projects', async () => {
  for (const table of TABLES) {
    const { rows } = await pipeline.query(`select count(*)::int as n from ${table}`)
    assert.equal(rows[0].n, 2)
  }
})

test('what triggers keep can be written by nobody else', async () => {
  for (const change of [
    `update node set path = '{}'`,
    `update node set cut = 1`,
    `update node set scope_id = id`,
    `update document set own_scope = false`,
    `update document set project_id = folder_id`
  ])
    await assert.rejects(app.query(change), /permission denied/, change)
})

/** Everything a role must not reach; a sentence each would say the same. */
const REFUSED: Record<string, string[]> = {
  portico_app: [
    'select from job',
    'select from inbox',
    'insert into inbox_unreadable (body, reason) values (null, null)',
    `select job_claim('scan', 1)`,
    'delete from person',
    'delete from version',
    'delete from document',
    'create table x ()'
  ],
  portico_intake: [
    'select from inbox',
    'select from job',
    'select from person',
    'select from document',
    `select job_add('x', '{}')`,
    'select from audit',
    'select from inbox_unreadable',
    'create table x ()'
  ],
  portico_pipeline: [
    'select password_hash from person',
    'select totp_secret from person',
    'select token_hash from session',
    'select secret_hash from one_time_link',
    'insert into access_grant default values',
    'update person set name = name',
    'update node set name = name',
    'insert into job default values',
    'update job set state = state',
    'create table x ()'
  ],
  portico_web: [
    'select from public.person',
    'select from public.document',
    'select from public.job',
    `select public.announce('x')`,
    'select public.access_reach(null, now())',
    'create table public.x ()',
    'create temporary table x ()'
  ]
}
for (const [role, statements] of Object.entries(REFUSED))
  test(`${role} is refused whatever it does not need`, async () => {
    const client = await database.client(ROLES.find((one) => one === role) ?? 'portico_web')
    for (const statement of statements)
      await assert.rejects(client.query(statement), /permission denied/, statement)
  })

test('no function may be called by everybody, and each that runs as its owner has a fixed search path', async () => {
  const { rows } = await owner.query(
    `select p.proname from pg_proc p
      where p.pronamespace = 'public'::regnamespace
        and (has_function_privilege('portico_web', p.oid, 'execute')
             or p.prosecdef and not coalesce(p.proconfig, '{}') && array['search_path=public, pg_temp'])`
  )
  assert.deepEqual(rows, [])
})

test('web hears announcements when they are committed', async () => {
  const web = await database.client('portico_web')
  const heard: string[] = []
  web.on('notification', (message) => heard.push(message.payload ?? ''))
  await web.query('listen portico')
  await app.query('begin')
  await app.query('select announce($1)', [`project:${made.project}`])
  await web.query('select 1')
  assert.deepEqual(heard, [])
  await app.query('commit')
  for (let i = 0; i < 100 && heard.length === 0; i += 1) await web.query('select pg_sleep(0.01)')
  const announcement = JSON.parse(heard[0] ?? '{}')
  assert.equal(announcement.topic, `project:${made.project}`)
  assert.ok(Number.isInteger(announcement.seq))
})
