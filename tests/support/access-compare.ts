/** Asks the database about worlds, as portico_app, and compares each answer with the model. */
import type pg from 'pg'
import { timeOf } from './access-load.ts'
import { type Thing, chainOf, namesOf, projectOf, thingOf } from './access-model.ts'
import {
  type Ask,
  type Questions,
  type Tally,
  agree,
  answers,
  asksOf,
  level,
  others,
  unlocked
} from './access-questions.ts'
import { compareTried } from './access-tried.ts'
import type { TestedWorld } from './access-worlds.ts'

const nodesOf = (world: TestedWorld) =>
  world.things.filter((one) => one.kind === 'project' || one.kind === 'folder')
const sorted = <T extends [string, ...unknown[]]>(list: T[]): T[] =>
  list.sort((a, b) => (a[0] < b[0] ? -1 : 1))

/** Every asker × every thing. */
async function compareLevels(q: Questions): Promise<void> {
  const found = await answers<[string, string, number, number][]>(
    q,
    'select jsonb_agg(jsonb_build_array(l.who, l.thing_id, l.level, l.unlocked)) from access_levels(q.whos, q.things, q.at) l'
  )
  for (const { ask, got } of found) {
    if (got.length !== ask.whos.length * ask.world.things.length) throw new Error('rows are missing')
    for (const [who, thing, ...answer] of got)
      agree(
        'levels',
        q,
        ask,
        [who, thing, ...answer],
        [who, thing, level(ask.world, who, thing, ask.at), unlocked(ask.world, who, thing, ask.at)]
      )
  }
}

/** What documents of others have in each folder, for one asker. */
async function compareOthers(q: Questions): Promise<void> {
  const found = await answers<[string, number | null, number | null][]>(
    q,
    'select jsonb_agg(jsonb_build_array(l.thing_id, l.others, l.others_unlocked)) from access_levels(array[q.one], q.things, q.at) l'
  )
  for (const { ask, got } of found)
    for (const [thing, ...answer] of got)
      agree('others', q, ask, answer, others(ask.world, ask.one, thing, ask.at) ?? [null, null])
}

/** All visible nodes; the reach holds the project of each visible thing; the second wall lets each visible document by. */
async function compareVisible(q: Questions): Promise<void> {
  const found = await answers<{ nodes: [string, number, number][] | null; reach: string[] }>(
    q,
    `select jsonb_build_object('reach', access_reach(q.one, q.at), 'nodes',
       (select jsonb_agg(jsonb_build_array(v.node_id, v.level, v.unlocked)) from access_visible(q.one, q.at) v))`
  )
  for (const { ask, got } of found) {
    const { world, one, at } = ask
    const seen = nodesOf(world).filter((node) => level(world, one, node.id, at) > 0)
    agree(
      'visible',
      q,
      ask,
      sorted(got.nodes ?? []),
      sorted(seen.map((node) => [node.id, level(world, one, node.id, at), unlocked(world, one, node.id, at)]))
    )
    const missed = world.things.filter((thing) => {
      const project = projectOf(world, thing.id)
      return project && level(world, one, thing.id, at) > 0 && !got.reach.includes(project.id)
    })
    agree('reach', q, ask, missed, [])
  }
}

/** The second wall, opened for the reach, hides nothing that the rule shows. */
async function compareWall(q: Questions): Promise<void> {
  for (const ask of q.asks.filter((_, k) => k % 25 === 0)) {
    const { world, one, at } = ask
    await q.client.query(`select set_config('app.projects', access_reach($1, $2)::text, true)`, [
      one,
      timeOf(at)
    ])
    const rows = await q.client.query<{ id: string }>('select id from document')
    const behind = new Set(rows.rows.map((row) => row.id))
    const missed = world.things.filter(
      (thing) => thing.kind === 'document' && level(world, one, thing.id, at) > 0 && !behind.has(thing.id)
    )
    agree('wall', q, ask, missed, [])
  }
}

/** The overview: projects with their level; 0 where only something inside is visible. */
async function compareProjects(q: Questions): Promise<void> {
  const found = await answers<[string, number][] | null>(
    q,
    'select jsonb_agg(jsonb_build_array(p.project_id, p.level)) from access_projects(q.one, q.at) p',
    'second'
  )
  for (const { ask, got } of found) {
    const { world, one, at } = ask
    const inside = world.things.filter((thing) => level(world, one, thing.id, at) > 0)
    const ids = new Set(inside.flatMap((thing) => projectOf(world, thing.id)?.id ?? []))
    agree(
      'projects',
      q,
      ask,
      sorted(got ?? []),
      sorted([...ids].map((id) => [id, level(world, one, id, at)]))
    )
  }
}

/** Each project's tree: visible nodes under their visible parents. */
async function compareTrees(q: Questions): Promise<void> {
  const found = await answers<[string, string | null, number, number][] | null>(
    q,
    `select jsonb_agg(jsonb_build_array(t.node_id, t.parent_id, t.level, t.unlocked))
       from unnest(q.projects) p(id), access_tree(q.one, p.id, q.at) t`,
    'second'
  )
  for (const { ask, got } of found) {
    const { world, one, at } = ask
    const seen = nodesOf(world).filter((node) => level(world, one, node.id, at) > 0)
    const parent = (node: Thing) => seen.find((up) => up.id === node.parent_id)?.id ?? null
    agree(
      'tree',
      q,
      ask,
      sorted(got ?? []),
      sorted(
        seen.map((node) => [
          node.id,
          parent(node),
          level(world, one, node.id, at),
          unlocked(world, one, node.id, at)
        ])
      )
    )
  }
}

type Listed = [string, number, number]

/** What the page of a folder, or of a project, should hold, in its order. */
function expectedList({ world, one, at }: Ask, node: Thing): Listed[] {
  const see = (id: string) => level(world, one, id, at)
  const here = world.things.filter((thing) => {
    if (thing.kind !== 'document' || see(thing.id) === 0) return false
    if (thing.parent_id === node.id) return node.kind === 'project' || see(node.id) > 0
    const folder = thingOf(world, thing.parent_id ?? '')
    return (
      node.kind === 'project' &&
      projectOf(world, thing.id)?.id === node.id &&
      folder.kind === 'folder' &&
      see(folder.id) === 0
    )
  })
  here.sort((a, b) => (a.name === b.name ? (a.id < b.id ? -1 : 1) : a.name < b.name ? -1 : 1))
  return here.map((thing) => [thing.id, see(thing.id), unlocked(world, one, thing.id, at)])
}

/** Each node's documents: the first page, and the page after its last row. So each visible document is listed once. */
async function compareLists(q: Questions): Promise<void> {
  const found = await answers<{ node: string; first: Listed[] | null; second: Listed[] | null }[]>(
    q,
    `select jsonb_agg(jsonb_build_object('node', f.id, 'first', one.list, 'second', two.list)) from unnest(q.nodes) f(id)
     cross join lateral (
       select jsonb_agg(jsonb_build_array(l.id, l.level, l.unlocked) order by l.o) as list,
              (array_agg(l.name order by l.o desc))[1] as name, (array_agg(l.id order by l.o desc))[1] as id
         from access_list(q.one, f.id, q.at, n => q.page) with ordinality l(id, name, level, unlocked, o)) one
     left join lateral (
       select jsonb_agg(jsonb_build_array(l.id, l.level, l.unlocked) order by l.o) as list
         from access_list(q.one, f.id, q.at, one.name, one.id) with ordinality l(id, name, level, unlocked, o)
        where jsonb_array_length(one.list) = q.page) two on true`,
    'first'
  )
  for (const { ask, got } of found)
    for (const { node, first, second } of got) {
      const want = expectedList(ask, thingOf(ask.world, node))
      agree('list', q, ask, first ?? [], want.slice(0, ask.page))
      agree('next page', q, ask, second ?? [], want.slice(ask.page))
    }
}

/** Everybody with a level on a thing, locks or not. */
async function compareWho(q: Questions): Promise<void> {
  const found = await answers<[string, number, number][] | null>(
    q,
    'select jsonb_agg(jsonb_build_array(w.who, w.level, w.unlocked)) from access_who(q.thing, q.at) w'
  )
  for (const { ask, got } of found) {
    const { world, thing, at } = ask
    const who = ask.whos.filter((id) => unlocked(world, id, thing, at) > 0)
    agree(
      'who',
      q,
      ask,
      sorted(got ?? []),
      sorted(who.map((id) => [id, level(world, id, thing, at), unlocked(world, id, thing, at)]))
    )
  }
}

type Step = { self_id: string | null; step: string; source: string | null; level: number; held: number }

/** The explanation's last line is the answer, its chains hold no less, and the named reason speaks to the asker. */
async function compareReasons(q: Questions): Promise<void> {
  const found = await answers<{ steps: Step[]; reason: { self_id: string; grant_id: string } | null }>(
    q,
    `select jsonb_build_object('steps', (select jsonb_agg(to_jsonb(e)) from access_explain(q.one, q.thing, q.at) e),
       'reason', (select to_jsonb(r) from access_reason(array[q.one], q.thing, q.at) r))`,
    'second'
  )
  for (const { ask, got } of found) {
    const { world, one, thing, at } = ask
    const want = unlocked(world, one, thing, at)
    const answer = got.steps.at(-1)
    agree(
      'explain',
      q,
      ask,
      [answer?.step, answer?.level, answer?.held],
      ['answer', level(world, one, thing, at), want]
    )
    const selves = got.steps.filter(({ step }) =>
      ['self', 'no more than', 'in place of', 'not active'].includes(step)
    )
    const barred = got.steps.some((step) =>
      ['not active', 'excluded', 'walled off', 'waiting'].includes(step.step)
    )
    const chains = selves.map(
      (self) =>
        got.steps.findLast((step) => step.self_id === self.self_id && /allow|deny/.test(step.step))?.held ?? 0
    )
    agree('chain', q, ask, barred ? 0 : Math.min(...chains), want)
    if (want === 0) continue
    const reason = world.grants.find((grant) => grant.id === got.reason?.grant_id)
    const speaks =
      reason &&
      namesOf(world, got.reason?.self_id ?? '', at).has(reason.principal_id) &&
      chainOf(world, thing).some((above) => above.id === reason.thing_id)
    agree('reason', q, ask, speaks && (reason.allows ? reason.level : reason.level - 1), want)
  }
}

const QUESTIONS = [
  compareLevels,
  compareOthers,
  compareVisible,
  compareWall,
  compareProjects,
  compareTrees,
  compareLists,
  compareWho,
  compareReasons,
  compareTried
]

/**
 * Compares every answer about these worlds, which are loaded in the client's open transaction. Speaks as portico_app.
 *
 * @throws Disagreement at the first difference
 */
export async function compareWorlds(
  client: pg.ClientBase,
  worlds: TestedWorld[],
  tally: Tally
): Promise<void> {
  const asks = asksOf(worlds)
  const param = JSON.stringify(
    asks.map(({ world, at, whos, one, thing, page }, k) => ({
      k,
      at: timeOf(at),
      whos,
      one,
      thing,
      page,
      things: world.things.map((each) => each.id),
      nodes: nodesOf(world).map((node) => node.id),
      projects: world.things.filter((each) => each.kind === 'project').map((each) => each.id)
    }))
  )
  await client.query('set local role portico_app')
  for (const compare of QUESTIONS) await compare({ client, asks, param, tally })
  await client.query('reset role')
}
