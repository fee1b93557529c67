/** The simulator held against the rule's model: random people and links, things and moments of random worlds. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import type pg from 'pg'
import { simulate } from '../../functions/admin/simulation.ts'
import { loadWorlds, timeOf } from './access-load.ts'
import { chainOf, level, projectOf, unlocked } from './access-model.ts'
import { type TestedWorld, someWorlds } from './access-worlds.ts'

const LEVELS = ['none', 'view', 'download', 'contribute', 'manage']
const BATCH = 10
/** After every moment at which anything in a world begins or ends, and every delay of its locks. */
const LAST = 40
const MOST_CHANGES = 3
const ASKER = '00000000-0000-7000-9000-000000000001'

type Case = { world: TestedWorld; who: string; thing: string; at: number }

export type Simulated = { cases: number; changes: number; steps: Record<string, number> }

/** Compares until `count` cases were answered. Throws at the first difference. */
export async function compareSimulator(client: pg.Client, count: number, seed: number): Promise<Simulated> {
  const sum: Simulated = { cases: 0, changes: 0, steps: {} }
  for (let round = 0; sum.cases < count; round += 1) {
    const worlds = fc.sample(someWorlds(BATCH), { numRuns: 1, seed: seed + round }).flat()
    await client.query('begin')
    try {
      await loadWorlds(client, worlds)
      await addAsker(client)
      for (const one of casesOf(worlds, round)) await compare(client, one, sum)
    } finally {
      await client.query('rollback')
    }
    if (round % 8 === 0) await client.query('vacuum node, document, access_grant, person, link, membership')
  }
  return sum
}

/** Somebody of the firm who asks: the administrator knows everybody. */
async function addAsker(client: pg.ClientBase): Promise<void> {
  await client.query(
    `insert into person (id, name, email, email_key, staff_role) values ($1, 'Asker', 'asker', 'asker', 'administrator')`,
    [ASKER]
  )
}

/** Every asker of each world with a thing and a moment that differ from round to round. */
const casesOf = (worlds: TestedWorld[], round: number): Case[] =>
  worlds.flatMap((world, i) =>
    [...world.people, ...world.links].flatMap((one, j) =>
      world.at.map((at, k) => {
        const thing = world.things[(round + i + 3 * j + 5 * k) % world.things.length]
        assert.ok(thing)
        return { world, who: one.id, thing: thing.id, at }
      })
    )
  )

async function compare(client: pg.ClientBase, one: Case, sum: Simulated): Promise<void> {
  const { world, who, thing, at } = one
  const project = projectOf(world, thing)?.id ?? null
  // Whom the asker may not know of is no case; a link is asked about where it shares something.
  await client.query('update link set project_id = $2 where id = $1', [who, project])
  const asked = { caller: ASKER, who, thing, project, at: timeOf(at) }
  const got = await simulate(client, asked).catch((error: { code?: string }) => {
    if (error.code === 'not_found') return null
    throw error
  })
  if (!got) return
  const told = JSON.stringify({ ...one, world: { ...world, first: undefined } })
  assert.deepEqual(
    [got.level, got.unlocked],
    [LEVELS[level(world, who, thing, at)], LEVELS[unlocked(world, who, thing, at)]],
    told
  )
  assert.deepEqual(got.changes, changesOf(one), told)
  sum.cases += 1
  sum.changes += got.changes.length
  for (const { step } of got.steps) sum.steps[step] = (sum.steps[step] ?? 0) + 1
  // What is told of grants is told of grants that lie on the way to the thing.
  const speaks = got.steps.filter((step) => step.step === 'allow' || step.step === 'deny')
  assert.ok(speaks.length <= chainOf(world, thing).length * world.grants.length, told)
}

/** The first moments at which the model's answer is another, asked second by second. */
function changesOf({ world, who, thing, at }: Case): { at: string; level: string }[] {
  const changes: { at: string; level: string }[] = []
  let before = level(world, who, thing, at)
  for (let moment = at + 1; moment <= LAST && changes.length < MOST_CHANGES; moment += 1) {
    const after = level(world, who, thing, moment)
    if (after !== before) changes.push({ at: timeOf(moment), level: LEVELS[after] ?? '' })
    before = after
  }
  return changes
}
