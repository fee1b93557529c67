/**
 * Which parts of the rule an answer went through, in the model's words: random worlds that never come to a branch prove
 * nothing about it. A new part of the rule adds its line to BRANCHES and says in branchesOf when it was reached.
 */
import {
  type Deputyship,
  type Grant,
  type Thing,
  type World,
  absentOf,
  barOf,
  capOf,
  chainOf,
  counts,
  during,
  heardBy,
  heldAlone,
  isForeign,
  isOfFirm,
  level,
  lies,
  namesOf,
  projectOf,
  unlocked
} from './access-model.ts'
import type { TestedWorld } from './access-worlds.ts'

export const BRANCHES = [
  ...['level 0', 'level 1', 'level 2', 'level 3', 'level 4'],
  ...['an allow lifts', 'an allow changes nothing', 'a deny cuts', 'a deny changes nothing'],
  ...['heard through person', 'heard through group', 'heard through organisation', 'heard through link'],
  'heard through a group around a group',
  ...['heard on firm', 'heard on project', 'heard on folder', 'heard on document'],
  ...['a grant speaks not yet', 'a grant speaks no more'],
  ...['a closed thing cuts off what is above', 'a closed thing is heard itself'],
  ...['a membership is not yet', 'a membership is no more'],
  ...['barred: not active', 'barred: auditor', 'barred: excluded', 'barred: walled off'],
  'barred: waiting for its release',
  ...['a grant for own uploads is heard', 'a grant for own uploads is silent about others'],
  ...['a lock counts from the upload', 'a lock counts from the last change', 'a lock has not come yet'],
  'a document is left out of a lock',
  ...['a wall is passed by an assignment', 'a wall is passed through a group', 'an assignment is over'],
  ...['a wall does not bind a client', 'no wall without a client'],
  ...['the maker of a link caps', 'an administrator caps a sub-account', 'the cap of a cap caps'],
  'a cap changes nothing',
  ...['a lock hides', 'a lock leaves view', 'a lock above counts', 'a lock is over'],
  ...[
    'a move changed the answer',
    'closing or opening changed the answer',
    'another client changed the answer'
  ],
  'a grant taken away changed the answer',
  ...['a deputy holds more in the place of one absent', 'a deputy holds as much themselves'],
  ...['a deputy stands before a wall or an exclusion', 'one absent stands before one themselves'],
  ...['a deputyship is not yet', 'a deputyship is over', 'a deputyship was ended early'],
  ...['one absent is inactive or reads the log alone', 'nobody stands in for one who is not of the firm'],
  ...[
    'a deputy of a deputy holds no more',
    'a link of a deputy holds more',
    'uploads of one absent are heard'
  ]
] as const
export type Branch = (typeof BRANCHES)[number]

/** The branches that the answer to one question came to. */
export function branchesOf(world: TestedWorld, id: string, thing: string, at: number): Set<Branch> {
  const chain = chainOf(world, thing)
  const asked: Asked = { world, id, chain, at }
  const answer = level(world, id, thing, at)
  return new Set([
    `level ${answer}` as Branch,
    ...ofGrants(asked),
    ...ofWindows(asked),
    ...ofGates(asked),
    ...ofCaps(asked, thing),
    ...ofLocks(asked, thing),
    ...ofChanges(asked, thing, answer),
    ...ofDeputies(asked, thing)
  ])
}

type Asked = { world: TestedWorld; id: string; chain: Thing[]; at: number }

function ofGrants({ world, id, chain, at }: Asked): Branch[] {
  const found: Branch[] = []
  if (barOf(world, id, chain, at) !== null) return found
  let held = 0
  for (const grant of heardBy(world, id, chain, at).toReversed()) {
    const after = grant.allows ? Math.max(held, grant.level) : Math.min(held, grant.level - 1)
    const does = grant.allows ? ['an allow', 'lifts'] : ['a deny', 'cuts']
    found.push(`${does[0]} ${after === held ? 'changes nothing' : does[1]}` as Branch)
    held = after
    found.push(`heard through ${grant.principal_kind}`)
    const on = chain.find((one) => one.id === grant.thing_id)
    if (on) found.push(`heard on ${on.kind}`)
    if (on?.inherits === false) found.push('a closed thing is heard itself')
    if (isAround(world, grant, id, at)) found.push('heard through a group around a group')
    if (grant.own_only && chain[0]?.kind === 'document') found.push('a grant for own uploads is heard')
  }
  return found
}

/** Whether the grant's group reaches the asker only through a group in it. */
const isAround = (world: World, grant: Grant, id: string, at: number): boolean =>
  grant.principal_kind === 'group' &&
  !world.memberships.some(
    (one) => one.person_id === id && one.container_id === grant.principal_id && during(one, at)
  )

function ofWindows({ world, id, chain, at }: Asked): Branch[] {
  const found: Branch[] = []
  const names = namesOf(world, id, at)
  const mine = world.grants.filter((grant) => names.has(grant.principal_id))
  const places = new Set(chain.map((one) => one.id))
  for (const grant of mine.filter((one) => places.has(one.thing_id) && !during(one, at)))
    found.push(at < grant.valid_from ? 'a grant speaks not yet' : 'a grant speaks no more')
  if (
    isForeign(id, chain[0]) &&
    mine.some((one) => one.own_only && places.has(one.thing_id) && during(one, at))
  )
    found.push('a grant for own uploads is silent about others')
  const closed = chain.findIndex((one) => !one.inherits)
  const above = new Set(closed < 0 ? [] : chain.slice(closed + 1).map((one) => one.id))
  if (mine.some((grant) => above.has(grant.thing_id) && during(grant, at)))
    found.push('a closed thing cuts off what is above')
  const named = new Set(world.grants.filter((one) => places.has(one.thing_id)).map((one) => one.principal_id))
  for (const one of world.memberships)
    if (one.person_id === id && named.has(one.container_id) && !during(one, at))
      found.push(at < one.valid_from ? 'a membership is not yet' : 'a membership is no more')
  return found
}

function ofGates({ world, id, chain, at }: Asked): Branch[] {
  const bar = barOf(world, id, chain, at)
  const found: Branch[] = bar ? [`barred: ${bar}`] : []
  const client = chain.find((one) => one.kind === 'project')?.client_id ?? null
  const isStaff = (world.people.find((one) => one.id === id)?.staff_role ?? null) !== null
  if (!chain.at(-1)?.walls || heardBy(world, id, chain, at).length === 0) return found
  if (client === null) return isStaff ? [...found, 'no wall without a client'] : found
  if (!isStaff) return [...found, 'a wall does not bind a client']
  const names = namesOf(world, id, at)
  for (const one of world.assignments.filter(
    (each) => each.client_id === client && names.has(each.principal_id)
  )) {
    if (!during(one, at)) found.push('an assignment is over')
    else
      found.push(
        one.principal_id === id ? 'a wall is passed by an assignment' : 'a wall is passed through a group'
      )
  }
  return found
}

function ofCaps({ world, id, at }: Asked, thing: string): Branch[] {
  const cap = capOf(world, id)
  if (cap === null) return []
  const isLink = world.links.some((one) => one.id === id)
  const alone = unlocked(without(world), id, thing, at)
  const capped = unlocked(world, id, thing, at)
  if (capped === alone) return ['a cap changes nothing']
  const next = capOf(world, cap)
  if (isLink && next !== null && unlocked(without(world), cap, thing, at) > unlocked(world, cap, thing, at))
    return ['the cap of a cap caps']
  return [isLink ? 'the maker of a link caps' : 'an administrator caps a sub-account']
}

/** The same world in which nobody is capped. */
const without = (world: World): World => ({
  ...world,
  people: [...world.people, ...world.links.map((one) => ({ ...one, staff_role: null }))].map((one) => ({
    ...one,
    capped_by: null
  })),
  links: []
})

function ofLocks({ world, id, chain, at }: Asked, thing: string): Branch[] {
  if (unlocked(world, id, thing, at) === 0) return []
  const places = new Set(chain.map((one) => one.id))
  return world.locks
    .filter((lock) => places.has(lock.thing_id))
    .flatMap((lock): Branch[] => {
      if (!during(lock, at)) return ['a lock is over']
      if (lock.except.includes(thing)) return ['a document is left out of a lock']
      if (!lies(lock, chain[0], at)) return chain[0]?.kind === 'document' ? ['a lock has not come yet'] : []
      const found: Branch[] = [lock.hides ? 'a lock hides' : 'a lock leaves view']
      if (lock.thing_id !== thing) found.push('a lock above counts')
      if (lock.counts_from === 'upload') found.push('a lock counts from the upload')
      else if (lock.counts_from !== null) found.push('a lock counts from the last change')
      return found
    })
}

/** What happened to the tree and to grants since: it counts where the answer would be another one without it. */
function ofChanges({ world, id, at }: Asked, thing: string, answer: number): Branch[] {
  const found: Branch[] = []
  const before = (undo: (now: Thing, first: Thing) => Partial<Thing>): World => ({
    ...world,
    things: world.things.map((now) => {
      const first = world.first.find((one) => one.id === now.id)
      return first ? { ...now, ...undo(now, first) } : now
    })
  })
  const differs = (other: World) => level(other, id, thing, at) !== answer
  if (differs(before((_, first) => ({ parent_id: first.parent_id })))) found.push('a move changed the answer')
  if (differs(before((_, first) => ({ inherits: first.inherits }))))
    found.push('closing or opening changed the answer')
  if (projectOf(world, thing) && differs(before((_, first) => ({ client_id: first.client_id }))))
    found.push('another client changed the answer')
  if (world.taken.length > 0 && differs({ ...world, grants: [...world.grants, ...world.taken] }))
    found.push('a grant taken away changed the answer')
  return found
}

/** Of whoever asks, and of the maker of a link: whom they stand in for, and why that gives nothing. */
function ofDeputies({ world, id, chain, at }: Asked, thing: string): Branch[] {
  const maker = world.links.find((one) => one.id === id)?.made_by
  const alone = { ...world, deputies: [] }
  if (maker !== undefined)
    return unlocked(world, id, thing, at) > unlocked(alone, id, thing, at)
      ? ['a link of a deputy holds more']
      : []
  return world.deputies
    .filter((one) => one.deputy_id === id)
    .flatMap((one) => whyDeputy({ world, id, chain, at }, thing, one))
}

function whyDeputy({ world, id, chain, at }: Asked, thing: string, one: Deputyship): Branch[] {
  const absent = one.absent_id
  const own = heldAlone(world, id, thing, at)
  const theirs = heldAlone(world, absent, thing, at)
  const heard = heardBy(world, absent, chain, at)
  if (!isOfFirm(world, one)) return theirs > own ? ['nobody stands in for one who is not of the firm'] : []
  if (at < one.valid_from) return theirs > own ? ['a deputyship is not yet'] : []
  if (!during(one, at)) return theirs > own ? ['a deputyship is over'] : []
  if (!counts(one, at)) return theirs > own ? ['a deputyship was ended early'] : []
  if (barOf(world, id, chain, at) !== null)
    return theirs > 0 ? ['a deputy stands before a wall or an exclusion'] : []
  const bar = barOf(world, absent, chain, at)
  if (bar === 'not active' || bar === 'auditor') return ['one absent is inactive or reads the log alone']
  if (bar !== null) return heard.length > 0 ? ['one absent stands before one themselves'] : []
  const found: Branch[] = []
  if (theirs > own) found.push('a deputy holds more in the place of one absent')
  else if (theirs > 0) found.push('a deputy holds as much themselves')
  if (chain[0]?.kind === 'document' && heard.some((grant) => grant.own_only))
    found.push('uploads of one absent are heard')
  const next = absentOf(world, absent, at).map((other) => heldAlone(world, other, thing, at))
  if (Math.max(0, ...next) > Math.max(own, theirs)) found.push('a deputy of a deputy holds no more')
  return found
}
