/**
 * A decision and a list of 100, in a firm of a million documents against one of ten thousand, in the same run; and how the
 * server answers them (plans.ts).
 */
import { offerDatabase, testDatabase } from '../support/database.ts'
import { BIG, LISTED_FOLDER, SMALL, type Size, buildWorld } from './access-world.ts'
import { plansOf } from './plans.ts'
import { type Row, percentile, printRows } from './row.ts'
import type pg from 'pg'

const ROUNDS = 400

type World = {
  app: pg.Client
  /** A superuser's. */
  maker: pg.Client
  folder: string
  people: string[]
  documents: string[]
  viewers: string[]
  staff: string[]
}

async function openWorld(size: Size): Promise<World> {
  const database = await testDatabase()
  const maker = await database.client('postgres')
  const started = performance.now()
  await buildWorld(maker, size)
  process.stdout.write(
    `  ${size.documents} documents made in ${((performance.now() - started) / 1000).toFixed(0)} s\n`
  )
  const ids = async (query: string) => (await maker.query<{ id: string }>(query)).rows.map((row) => row.id)
  const [folder = ''] = await ids(`select ${LISTED_FOLDER} as id`)
  const viewers = await maker.query('select who from access_who($1, now()) where level > 0', [folder])
  return {
    app: await database.client('portico_app'),
    maker,
    folder,
    people: await ids('select id from person order by random() limit 200'),
    staff: await ids('select id from person where staff_role is not null order by random() limit 40'),
    documents: await ids('select id from document tablesample system (5) order by random() limit 2000'),
    viewers: viewers.rows.map((row) => row.who)
  }
}

const pick = <T>(list: T[]): T => {
  const one = list[Math.floor(Math.random() * list.length)]
  if (one === undefined) throw new Error('nothing to pick from')
  return one
}

type Question = { name: string; text: string; values: (world: World) => unknown[]; rounds?: number }

/** Milliseconds of each call, both worlds in turns. */
async function measure(
  worlds: World[],
  { name, text, values, rounds = ROUNDS }: Question
): Promise<number[][]> {
  const times: number[][] = worlds.map(() => [])
  for (let round = -10; round < rounds; round += 1)
    for (const [i, world] of worlds.entries()) {
      const started = performance.now()
      await world.app.query({ name, text, values: values(world) })
      if (round >= 0) times[i]?.push(performance.now() - started)
    }
  return times
}

const QUESTIONS: Question[] = [
  {
    name: 'decision',
    text: 'select * from access_of_document($1, $2, now())',
    values: (w) => [pick(w.people), pick(w.documents)]
  },
  {
    name: 'list of 100',
    text: 'select * from access_list($1, $2, now())',
    values: (w) => [pick(w.viewers), w.folder]
  },
  {
    name: 'reason',
    text: 'select * from access_explain($1, $2, now())',
    values: (w) => [pick(w.viewers), pick(w.documents)],
    rounds: 100
  },
  {
    name: 'projects of a person',
    text: 'select * from access_projects($1, now())',
    values: (w) => [pick(w.people)],
    rounds: 50
  },
  {
    name: 'projects of staff',
    text: 'select * from access_projects($1, now())',
    values: (w) => [pick(w.staff)],
    rounds: 20
  },
  {
    name: 'tree of a project',
    text: 'select t.* from node n, access_tree($1, n.project_id, now()) t where n.id = $2',
    values: (w) => [pick(w.viewers), w.folder],
    rounds: 100
  },
  {
    name: 'who',
    text: 'select * from access_who($1, now())',
    values: (w) => [pick(w.documents)],
    rounds: 100
  },
  {
    name: 'reach of staff',
    text: 'select access_reach($1, now())',
    values: (w) => [pick(w.staff)],
    rounds: 50
  }
]

/** The list of 100, and the levels of as many documents asked for one by one. */
async function showPlans({ maker, viewers, folder, documents }: World): Promise<void> {
  const asked = [
    { name: 'the list', text: 'select * from access_list($1, $2, now())', of: folder },
    {
      name: 'the levels of 100 documents',
      text: 'select * from access_levels(array[$1::uuid], $2, now())',
      of: documents.slice(0, 100)
    }
  ]
  for (const { name, text, of } of asked) {
    const plans = await plansOf(maker, text, [viewers[0], of])
    process.stdout.write(`\nplan of ${name}, rows × times:\n${plans.join('\n')}\n`)
  }
}

const both = (times: number[]) =>
  `${percentile(times, 0.5).toFixed(2)} / ${percentile(times, 0.95).toFixed(2)}`

/** The rows of design §9; the other questions are only printed. */
export async function run(): Promise<Row[]> {
  const stop = process.env.PORTICO_TEST_POSTGRES ? null : await offerDatabase()
  const worlds = [await openWorld(SMALL), await openWorld(BIG)]
  const found: Record<string, number[][]> = {}
  for (const question of QUESTIONS) {
    const times = (found[question.name] = await measure(worlds, question))
    process.stdout.write(
      `  ${question.name}: p50 / p95 ms: small ${both(times[0] ?? [])}, big ${both(times[1] ?? [])}\n`
    )
  }
  for (const world of worlds.slice(-1)) await showPlans(world)
  for (const { app, maker } of worlds) await Promise.all([app.end(), maker.end()])
  await stop?.()
  const [smallList = [], bigList = []] = found['list of 100'] ?? []
  const decision = found.decision?.[1] ?? []
  const ratio = percentile(smallList, 0.5) / percentile(bigList, 0.5)
  return [
    {
      what: 'a decision, of 1,000,000 documents',
      figure: `p50 ${percentile(decision, 0.5).toFixed(2)} ms, p95 ${percentile(decision, 0.95).toFixed(2)} ms`,
      must: 'p50 ≤ 1 ms',
      aim: '0.5 ms',
      holds: percentile(decision, 0.5) <= 1
    },
    {
      what: 'list of 100 of a folder, of 1,000,000 documents',
      figure: `p50 ${percentile(bigList, 0.5).toFixed(2)} ms`,
      peer: `of 10,000 documents: ${percentile(smallList, 0.5).toFixed(2)} ms`,
      ratio,
      must: '≥ 0.77 (1.3× the time)',
      aim: '1.0',
      holds: ratio >= 1 / 1.3
    }
  ]
}

if (import.meta.main) printRows(await run())
