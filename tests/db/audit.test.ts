import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import type pg from 'pg'
import { type Act, appendAudit } from '../../functions/_shared/db/audit.ts'
import { testDatabase } from '../support/database.ts'

const database = await testDatabase()
const owner = await database.client('portico_owner')
const app = database.pool('portico_app', 16)

const act = (more: Partial<Act> = {}): Act => ({ action: 'firm.changed', actor_id: null, ...more })

async function transaction<T>(
  work: (client: pg.PoolClient) => Promise<T>,
  end: 'commit' | 'rollback' = 'commit'
) {
  const client = await app.connect()
  try {
    await client.query('begin')
    const result = await work(client)
    await client.query(end)
    return result
  } catch (error) {
    await client.query('rollback')
    throw error
  } finally {
    client.release()
  }
}

const last = async () => Number((await owner.query('select last from audit_counter')).rows[0].last)

test('numbers stay gap-free and in the order of commits while sixteen write and a third rolls back', async () => {
  const before = await last()
  let committed = 0
  const seen: number[] = [] // what a reader finds new, each time it looks
  const written = new AbortController()
  const reader = (async () => {
    for (let at = before; !written.signal.aborted;) {
      const { rows } = await owner.query('select seq from audit where seq > $1 order by seq', [at])
      for (const row of rows) seen.push(Number(row.seq))
      at = seen.at(-1) ?? at
    }
  })()
  await Promise.all(
    Array.from({ length: 16 }, async (_, writer) => {
      for (let i = 0; i < 20; i += 1) {
        const undone = (writer + i) % 3 === 0
        const acts = Array.from({ length: 1 + (i % 3) }, () => act({ facts: { writer, i } }))
        await transaction((client) => appendAudit(client, acts), undone ? 'rollback' : 'commit')
        if (!undone) committed += acts.length
      }
    })
  )
  written.abort()
  await reader
  const { rows } = await owner.query('select seq from audit where seq > $1 order by seq', [before])
  assert.equal(rows.length, committed)
  assert.deepEqual(
    rows.map((row) => Number(row.seq)),
    Array.from({ length: committed }, (_, i) => before + 1 + i)
  )
  // Number order is commit order: whoever reads on from the last number seen has missed nothing.
  assert.deepEqual(
    seen,
    Array.from({ length: seen.length }, (_, i) => before + 1 + i)
  )
})

test('a row holds the canonical bytes and the leaf of RFC 6962 over them', async () => {
  const person = '01900000-0000-7000-8000-000000000001'
  await transaction((client) => appendAudit(client, [act({ actor_id: person, facts: { b: 1, a: 'ü' } })]))
  const { rows } = await owner.query('select * from audit order by seq desc limit 1')
  const [row] = rows
  const leaf = createHash('sha256')
    .update(Buffer.from([0]))
    .update(row.body)
    .digest('hex')
  assert.equal(row.leaf.toString('hex'), leaf)
  assert.match(row.body.toString(), /"facts":\{"a":"ü","b":1\}/)
  assert.equal(row.actor_id, person)
  assert.equal(row.action, 'firm.changed')
  assert.equal(JSON.parse(row.body.toString()).at, row.at.toISOString())
})

test('a personal detail lies apart, behind a salted commitment in the row', async () => {
  const address = 'somebody@example.org'
  await transaction((client) => appendAudit(client, [act(), act({ detail: { address } })]))
  const { rows } = await owner.query(
    'select * from audit join audit_detail on audit_seq = seq order by seq desc limit 1'
  )
  const [row] = rows
  const commitment = createHash('sha256').update(row.salt).update(row.detail).digest('hex')
  assert.equal(JSON.parse(row.body.toString()).detail, commitment)
  assert.equal(JSON.parse(row.detail).address, address)
  assert.ok(!row.body.toString().includes(address))
})

test('a detail that does not fit its commitment is refused', async () => {
  const body = JSON.stringify({
    at: new Date().toISOString(),
    action: 'firm.changed',
    detail: '00'.repeat(32)
  })
  const before = await last()
  await assert.rejects(
    app.query('select audit_append($1, $2, $3)', [[body], [randomBytes(32)], ['{}']]),
    /does not fit its commitment/
  )
  assert.equal(await last(), before)
})

test('no acts, no number and no lock', async () => {
  const { rows } = await app.query(`select audit_append('{}', '{}', '{}') as first`)
  assert.equal(rows[0].first, null)
})

const CHANGES = [
  `update audit set action = 'x'`,
  'delete from audit',
  'truncate audit cascade',
  'update audit_counter set last = 0',
  `insert into audit (seq, body, at, action) values (999999, '', now(), 'x')`,
  `update audit_detail set detail = '{}'`,
  'delete from audit_detail'
]
/** portico_web may not even look into the schema. */
const REFUSED = /permission denied|relation ".*" does not exist/

for (const role of ['portico_app', 'portico_pipeline', 'portico_intake', 'portico_web'] as const)
  test(`${role} cannot change, remove or slip in a row`, async () => {
    const client = await database.client(role)
    for (const change of CHANGES) await assert.rejects(client.query(change), REFUSED, change)
  })

test('even the owner and the superuser do not change a row by accident', async () => {
  const superuser = await database.client('postgres')
  for (const client of [owner, superuser])
    for (const change of CHANGES.slice(0, 3))
      await assert.rejects(client.query(change), /only ever added to/, change)
})
