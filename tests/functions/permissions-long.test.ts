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
