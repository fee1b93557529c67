/** Permission screens with thousands of lines. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { GrantPage, Holders } from '../../functions/_shared/contract/access.ts'
import { setPermissionStage } from '../support/permission-stage.ts'

const { stage, bergmann, people, ok, project, inHours } = await setPermissionStage()

describe('long lists', () => {
  test('5,000 grants on one project: in pages, in order, found by name, and quick', async (t) => {
    const id = await project()
    await stage.owner.query(
      `with p as (insert into person (name, email, email_key)
                  select 'Kunde ' || i, 'k' || i || '@example.org', 'k' || i || '@example.org' from generate_series(1, 5000) i
                  returning id)
       insert into access_grant (person_id, node_id, level) select id, $1, 2 from p`,
      [id]
    )
    await stage.owner.query('analyze person, access_grant')
    const took = async <T>(what: string, path: string) => {
      const from = performance.now()
      const found = await ok<T>('jonas', 'GET', path)
      t.diagnostic(`${what}: ${Math.round(performance.now() - from)} ms`)
      return found
    }
    const first = await took<GrantPage>('grants', `/things/${id}/grants`)
    assert.deepEqual([first.items.length, first.total], [50, 5002])
    const second = await ok<GrantPage>('jonas', 'GET', `/things/${id}/grants?cursor=${first.next}`)
    const names = [...first.items, ...second.items].map((one) => one.principal.name)
    assert.deepEqual(names.slice(0, 4), ['Bergmann', 'Jonas', 'Kunde 1', 'Kunde 2'])
    assert.equal(new Set(names).size, 100)
    const holders = await took<Holders>('holders', `/things/${id}/holders`)
    assert.deepEqual([holders.items[0]?.who.name, holders.total], ['Jonas', 5003])
    const next = await ok<Holders>('jonas', 'GET', `/things/${id}/holders?cursor=${holders.next}`)
    assert.equal(
      next.items.filter((one) => holders.items.some((other) => other.who.id === one.who.id)).length,
      0
    )
    const one = await took<GrantPage>('one by name', `/things/${id}/grants?q=kunde%204711`)
    assert.deepEqual(
      one.items.map((grant) => grant.principal.name),
      ['Kunde 4711']
    )
    const deny = { principal_kind: 'organisation', principal_id: bergmann, level: 'view', allows: false }
    const from = performance.now()
    await ok('jonas', 'POST', '/grants/preview', { thing_id: id, ...deny })
    t.diagnostic(`trial of a grant: ${Math.round(performance.now() - from)} ms`)
    const closing = performance.now()
    await ok('jonas', 'POST', `/things/${id}/access/preview`, { inherits: false })
    t.diagnostic(`trial of closing: ${Math.round(performance.now() - closing)} ms`)
  })

  test('a trial tells of thousands with a document each, of everybody and of nothing that is not theirs', async (t) => {
    const id = await stage.seedProject({ name: 'A document each', client_id: bergmann })
    await stage.seedGrant({ person_id: people.jonas.id, node_id: id, level: 4 })
    const crowd = await stage.seedOrganisation('Crowd')
    await stage.owner.query(
      `with p as (insert into person (name, email, email_key)
                  select 'Own ' || i, 'o' || i || '@example.org', 'o' || i || '@example.org' from generate_series(1, 2000) i
                  returning id, name),
            m as (insert into membership (person_id, organisation_id) select id, $2 from p),
            d as (insert into document (folder_id, name) select $1, name from p returning id, name)
       insert into access_grant (person_id, document_id, level) select p.id, d.id, 1 + mod(split_part(p.name, ' ', 2)::int, 2)
         from p join d using (name)`,
      [id, crowd]
    )
    await stage.owner.query('analyze person, membership, document, access_grant')
    const wish = JSON.stringify({
      ...{ organisation_id: crowd, node_id: id, level: 2, allows: true, own_only: false },
      ...{ valid_from: '-infinity', valid_until: 'infinity' }
    })
    const from = performance.now()
    const { rows } = await stage.owner.query(
      `select d.name is null as on_project, t.before, t.after, coalesce(d.name = p.name, true) as theirs, count(*)::int as n
         from access_try('give', jsonb_populate_record(null::access_grant, $1), now()) t
         join person p on p.id = t.who left join document d on d.id = t.thing_id
        group by 1, 2, 3, 4 order by 1, 2`,
      [wish]
    )
    t.diagnostic(`trial over 2,000 with a document each: ${Math.round(performance.now() - from)} ms`)
    assert.deepEqual(rows, [
      { on_project: false, before: 1, after: 2, theirs: true, n: 1000 },
      { on_project: true, before: 0, after: 2, theirs: true, n: 2000 }
    ])
  })

  test('the simulator tells the next change however many things begin and end before it', async () => {
    const id = await stage.seedProject({ name: 'Many windows', client_id: bergmann })
    await stage.seedGrant({ person_id: people.jonas.id, node_id: id, level: 4 })
    await stage.owner.query(
      `insert into access_grant (person_id, node_id, level, valid_from, valid_until)
       select $1, $2, 1, now() + i * interval '1 hour', now() + (i + 2) * interval '1 hour' from generate_series(1, 300) i`,
      [people.karl.id, id]
    )
    const { changes } = await ok<{ changes: { level: string }[] }>(
      'jonas',
      'GET',
      `/things/${id}/simulation?who=${people.karl.id}&at=${encodeURIComponent(inHours(2))}`
    )
    assert.deepEqual(
      changes.map((one) => one.level),
      ['none']
    )
  })
})
