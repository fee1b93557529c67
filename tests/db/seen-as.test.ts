/** Whoever sees as a client sees what both may see: in random worlds never more than either, and no less. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { loadWorlds, timeOf } from '../support/access-load.ts'
import { level, unlocked } from '../support/access-model.ts'
import { worldsDatabase } from '../support/access-run.ts'
import { someWorlds } from '../support/access-worlds.ts'

const RUNS = Number(process.env.PORTICO_SEEN_WORLDS ?? 10)
const SEED = Number(process.env.PORTICO_SEED ?? Date.now() % 2 ** 31)
const BATCH = 5

const { client } = await worldsDatabase()

/** A look of each of the firm's people through each client's eyes. */
async function addLooks(): Promise<{ id: string; person_id: string; made_by: string }[]> {
  await client.query('set local session_replication_role = replica')
  const { rows } = await client.query<{ id: string; person_id: string; made_by: string }>(`
    insert into seen_as (session_id, person_id, made_by, valid_from, valid_until)
    select uuidv7(), c.id, s.id, '-infinity', 'infinity'
      from person c join person s on s.staff_role is not null where c.staff_role is null
    returning id, person_id, made_by`)
  await client.query('set local session_replication_role = origin')
  return rows
}

let shown = 0

test(`the rule gives a look the lower of two levels in ${RUNS * BATCH} random worlds (seed ${SEED})`, async () => {
  await fc.assert(
    fc.asyncProperty(someWorlds(BATCH), async (worlds) => {
      await client.query('begin')
      try {
        await loadWorlds(client, worlds)
        const looks = await addLooks()
        for (const world of worlds) {
          const at = world.at[0] ?? 0
          const here = looks.filter((look) =>
            [look.person_id, look.made_by].every((id) => world.people.some((person) => person.id === id))
          )
          const things = world.things.map((thing) => thing.id)
          const { rows } = await client.query<{
            who: string
            thing_id: string
            level: number
            unlocked: number
          }>('select * from access_levels($1, $2, $3)', [here.map((look) => look.id), things, timeOf(at)])
          assert.equal(rows.length, here.length * things.length)
          for (const row of rows) {
            const look = here.find((one) => one.id === row.who)
            assert.ok(look)
            const both = [look.person_id, look.made_by]
            assert.equal(row.level, Math.min(...both.map((who) => level(world, who, row.thing_id, at))))
            assert.equal(row.unlocked, Math.min(...both.map((who) => unlocked(world, who, row.thing_id, at))))
            shown += row.level
          }
          for (const look of here.slice(0, 3)) {
            const { rows: seen } = await client.query<{ node_id: string }>(
              'select node_id from access_visible($1, $2) v where v.level > 0',
              [look.id, timeOf(at)]
            )
            const expected = rows
              .filter((row) => row.who === look.id && row.level > 0)
              .map((row) => row.thing_id)
            const nodes = world.things
              .filter((thing) => thing.kind === 'project' || thing.kind === 'folder')
              .map((thing) => thing.id)
            assert.deepEqual(
              seen.map((row) => row.node_id).toSorted(),
              expected.filter((id) => nodes.includes(id)).toSorted()
            )
          }
        }
      } finally {
        await client.query('rollback')
      }
    }),
    { numRuns: RUNS, seed: SEED, endOnFailure: true }
  )
  assert.ok(shown > RUNS)
})
