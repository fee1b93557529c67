/** Changes before they are saved: what the trial says is what the model says of the world before and of the one after. */
import { grantRow, timeOf } from './access-load.ts'
import { type Grant, type Thing, type World, chainOf, thingOf } from './access-model.ts'
import { type Ask, type Questions, agree, level, others, unlocked } from './access-questions.ts'

type Tried = {
  moment: string
  ending: boolean
  who: string | null
  thing_id: string
  before: number
  after: number
  unlocked_before: number
  unlocked_after: number
  others_before: number | null
  others_after: number | null
}

/** A change, as `access_try` is asked about it, and the world that it makes. */
function changeOf(ask: Ask, k: number, old: Grant, other: Grant) {
  const { world, at } = ask
  const act = (['give', 'take', 'change', 'close', 'open'] as const)[(k / 6) % 5] ?? 'give'
  const thing = thingOf(world, act === 'take' || act === 'change' ? old.thing_id : ask.thing)
  const id = '00000000-0000-7000-8000-ffffffffffff'
  const always = { valid_from: -Infinity, valid_until: Infinity }
  const closer = world.people[0]?.id ?? ''
  const manage = {
    id,
    principal_id: closer,
    principal_kind: 'person' as const,
    level: 4,
    allows: true,
    own_only: false
  }
  const wish: Grant =
    act === 'close' || act === 'open'
      ? { ...manage, thing_id: thing.id, ...always }
      : act === 'give'
        ? {
            ...other,
            id,
            level: 5 - other.level,
            thing_id: thing.id,
            own_only: other.own_only && other.level > 1 && thing.kind !== 'document'
          }
        : {
            ...old,
            level: old.own_only ? old.level : 5 - old.level,
            allows: old.own_only || k % 4 === 0,
            valid_from: other.valid_from,
            valid_until: other.valid_until
          }
  const things = (inherits: boolean) =>
    world.things.map((one) => (one === thing ? { ...one, inherits } : one))
  const after = {
    give: () => ({ ...world, grants: [...world.grants, wish] }),
    take: () => ({ ...world, grants: world.grants.filter((grant) => grant !== old) }),
    change: () => ({ ...world, grants: world.grants.map((grant) => (grant === old ? wish : grant)) }),
    close: () => ({ ...world, things: things(false), grants: [...world.grants, wish] }),
    open: () => ({ ...world, things: things(true) })
  }[act]()
  const edges = {
    give: [Math.max(at, wish.valid_from)],
    take: [Math.max(at, old.valid_from)],
    change: [at, ...[old.valid_from, old.valid_until, wish.valid_from, wish.valid_until]],
    close: [at],
    open: [at]
  }[act]
  const moments = [...new Set(edges)].filter((one) => one >= at && one < Infinity)
  return { act, thing, wish, after, moments }
}

/** Own uploads of a sub-account or her administrator, a deputy or the absent one: what the trial says that it does not look at. */
const isMixed = (world: World, id: string, one: Thing): boolean => {
  const maker = world.links.find((link) => link.id === id)?.made_by ?? id
  const cap = world.people.find((person) => person.id === maker)?.capped_by
  return Boolean(one.made_by && (cap || world.deputies.some((each) => each.deputy_id === maker)))
}

/** A change before it is saved: who gains and loses, when, and what nobody would manage, is what the model says of the two worlds. */
export async function compareTried(q: Questions): Promise<void> {
  for (const [k, ask] of q.asks.entries()) {
    const { world, at } = ask
    // Worlds are drawn with five grants or more, but some are taken away again while they are made.
    const [old, other] = world.grants
    if (k % 6 !== 0 || !old || !other) continue
    const { act, thing, wish, after, moments } = changeOf(ask, k, old, other)
    const { rows } = await q.client.query<Tried>(
      'select t.*, t.moment::text from access_try($1, jsonb_populate_record(null::access_grant, $2::jsonb), $3) t',
      [act, JSON.stringify(grantRow(world, wish)), timeOf(at)]
    )
    const when = (moment: number) =>
      rows.filter((row) => Date.parse(row.moment) === Date.parse(timeOf(moment)))
    const below = world.things.filter((one) => chainOf(world, one.id).includes(thing))
    for (const moment of moments) {
      const told = when(moment).filter((row) => !row.ending)
      for (const { who, thing_id, ...row } of told.filter((one) => one.who !== null))
        agree(
          `${act} tried`,
          q,
          ask,
          [
            row.before,
            row.after,
            row.unlocked_before,
            row.unlocked_after,
            row.others_before,
            row.others_after
          ],
          [
            ...[level(world, who ?? '', thing_id, moment), level(after, who ?? '', thing_id, moment)],
            ...[unlocked(world, who ?? '', thing_id, moment), unlocked(after, who ?? '', thing_id, moment)],
            ...[world, after].map((one) => others(one, who ?? '', thing_id, moment)?.[0] ?? null)
          ]
        )
      const managed = (where: World, id: string) =>
        world.people.some((one) => unlocked(where, one.id, id, moment) === 4)
      const differs = (id: string, one: Thing) =>
        unlocked(world, id, one.id, moment) !== unlocked(after, id, one.id, moment) ||
        others(world, id, one.id, moment)?.[1] !== others(after, id, one.id, moment)?.[1]
      const whos = new Set(told.flatMap((row) => row.who ?? []))
      const untold = ask.whos.filter(
        (id) => !whos.has(id) && below.some((one) => !isMixed(world, id, one) && differs(id, one))
      )
      agree(`${act} tells everybody`, q, ask, untold, [])
      const unchanged = [...whos].filter((id) => !below.some((one) => differs(id, one)))
      agree(`${act} tells nobody else`, q, ask, unchanged, [])
      const dark = below.filter((one) => managed(world, one.id) && !managed(after, one.id))
      const warned = told.filter((row) => row.who === null).map((row) => row.thing_id)
      agree(`${act} guards`, q, ask, warned.length > 0, dark.length > 0)
      agree(
        `${act} guards rightly`,
        q,
        ask,
        warned.filter((id) => !dark.some((one) => one.id === id)),
        []
      )
    }
    for (const row of rows.filter((one) => one.ending))
      agree(
        `${act} ends`,
        q,
        ask,
        [row.before, row.after],
        [wish.valid_until - 0.5, wish.valid_until].map((then) =>
          level(after, row.who ?? '', row.thing_id, then)
        )
      )
  }
}
