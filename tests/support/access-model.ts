/**
 * The access rule as the words say it (0002_access.sql begins with them): no path arrays, no folding, no SQL. Tests compare
 * it with the database on random worlds. Times are numbers; -Infinity and Infinity are allowed.
 */
export type Window = { valid_from: number; valid_until: number }
export type Person = Window & {
  id: string
  staff_role: null | 'administrator' | 'staff' | 'assistant' | 'auditor'
  capped_by: string | null
}
export type Link = Window & { id: string; made_by: string }
export type Thing = {
  id: string
  kind: 'firm' | 'project' | 'folder' | 'document'
  parent_id: string | null
  name: string
  inherits: boolean
  client_id: string | null
  walls: boolean
  /** Of documents: who uploaded it, when, when its newest version came, and whether it waits for its release. */
  made_by?: string | null
  uploaded_at?: number
  changed_at?: number
  waits?: boolean
}
export type PrincipalKind = 'person' | 'group' | 'organisation' | 'link'
export type Grant = Window & {
  id: string
  principal_id: string
  principal_kind: PrincipalKind
  thing_id: string
  level: number
  allows: boolean
  own_only: boolean
}
export type Lock = Window & {
  id: string
  thing_id: string
  hides: boolean
  /** Null: on the thing from the window's beginning; else on each document below it, so long after its upload or change. */
  counts_from: 'upload' | 'change' | null
  delay: number
  /** Documents that it passes over. */
  except: string[]
}

/** Somebody of the firm does the work of one who is absent. */
export type Deputyship = Window & { absent_id: string; deputy_id: string; ended_at: number | null }

export type World = {
  people: Person[]
  links: Link[]
  memberships: (Window & { person_id: string; container_id: string })[]
  nesting: { outer_id: string; inner_id: string }[]
  things: Thing[]
  grants: Grant[]
  locks: Lock[]
  assignments: (Window & { principal_id: string; client_id: string })[]
  exclusions: { person_id: string; client_id: string }[]
  deputies: Deputyship[]
}

const LEVELS = [4, 3, 2, 1]
const NEARNESS: Record<PrincipalKind, number> = { person: 2, link: 2, group: 1, organisation: 0 }

/** Half-open. */
export const during = (window: Window, at: number) => window.valid_from <= at && at < window.valid_until

export function thingOf(world: World, id: string): Thing {
  const thing = world.things.find((one) => one.id === id)
  if (!thing) throw new Error(`no thing ${id}`)
  return thing
}

/** The thing first, the firm last. */
export function chainOf(world: World, id: string): Thing[] {
  const thing = thingOf(world, id)
  return thing.parent_id === null ? [thing] : [thing, ...chainOf(world, thing.parent_id)]
}

/** The project that a thing lies in; null for the firm. */
export const projectOf = (world: World, id: string): Thing | null =>
  chainOf(world, id).find((thing) => thing.kind === 'project') ?? null

/** The names that a grant to this asker can bear. */
export function namesOf(world: World, id: string, at: number): Set<string> {
  const names = new Set([id])
  for (const membership of world.memberships) {
    if (membership.person_id !== id || !during(membership, at)) continue
    names.add(membership.container_id)
    for (const nest of world.nesting) if (nest.inner_id === membership.container_id) names.add(nest.outer_id)
  }
  return names
}

/** What no grant beats. */
export type Bar = 'not active' | 'auditor' | 'waiting for its release' | 'excluded' | 'walled off'

export function barOf(world: World, id: string, chain: Thing[], at: number): Bar | null {
  const person = world.people.find((one) => one.id === id)
  const asker = person ?? world.links.find((one) => one.id === id)
  if (!asker || !during(asker, at)) return 'not active'
  if (person?.staff_role === 'auditor') return 'auditor'
  if (chain[0]?.waits && !person?.staff_role) return 'waiting for its release'
  const client = chain.find((thing) => thing.kind === 'project')?.client_id ?? null
  if (client === null) return null
  if (world.exclusions.some((one) => one.person_id === id && one.client_id === client)) return 'excluded'
  if (!person?.staff_role || !chain.at(-1)?.walls) return null
  const names = namesOf(world, id, at)
  const isAssigned = world.assignments.some(
    (one) => one.client_id === client && names.has(one.principal_id) && during(one, at)
  )
  return isAssigned ? null : 'walled off'
}

/** A grant for own uploads only has nothing to say of what somebody else uploaded. */
export const isForeign = (id: string, thing: Thing | undefined): boolean =>
  thing?.kind === 'document' && thing.made_by !== id

/** The grants that are heard when somebody asks about a thing, the most specific first. */
export function heardBy(world: World, id: string, chain: Thing[], at: number): Grant[] {
  const names = namesOf(world, id, at)
  const closed = chain.findIndex((one) => !one.inherits)
  const open = closed < 0 ? chain : chain.slice(0, closed + 1)
  const distance = (grant: Grant) => open.findIndex((one) => one.id === grant.thing_id)
  const foreign = isForeign(id, chain[0])
  return world.grants
    .filter((grant) => names.has(grant.principal_id) && during(grant, at) && distance(grant) >= 0)
    .filter((grant) => !(grant.own_only && foreign))
    .sort(
      (a, b) =>
        distance(a) - distance(b) ||
        NEARNESS[b.principal_kind] - NEARNESS[a.principal_kind] ||
        Number(a.allows) - Number(b.allows)
    )
}

/** What somebody holds without looking at caps and locks: per level, the most specific grant that speaks of it wins. */
export function heldAlone(world: World, id: string, thing: string, at: number): number {
  const chain = chainOf(world, thing)
  if (barOf(world, id, chain, at) !== null) return 0
  const heard = heardBy(world, id, chain, at)
  return (
    LEVELS.find((level) => heard.find((g) => (g.allows ? g.level >= level : g.level <= level))?.allows) ?? 0
  )
}

/** Whose level one may not exceed: a link's maker, a sub-account's administrator. */
export const capOf = (world: World, id: string): string | null =>
  world.links.find((one) => one.id === id)?.made_by ??
  world.people.find((one) => one.id === id)?.capped_by ??
  null

/** Within the window, and not ended. */
export const counts = (one: Deputyship, at: number): boolean =>
  during(one, at) && (one.ended_at === null || at < one.ended_at)

/** Both are of the firm, and the absent one is nobody's sub-account. */
export function isOfFirm(world: World, { absent_id, deputy_id }: Deputyship): boolean {
  const [absent, deputy] = [absent_id, deputy_id].map((id) => world.people.find((one) => one.id === id))
  return Boolean(absent?.staff_role && absent.capped_by === null && deputy?.staff_role)
}

/** In whose place somebody stands at a moment. */
export const absentOf = (world: World, id: string, at: number): string[] =>
  world.deputies
    .filter((one) => one.deputy_id === id && counts(one, at) && isOfFirm(world, one))
    .map((one) => one.absent_id)

/** What somebody holds themselves or in the place of one absent, whichever is more; their own gates count for both. */
function held(world: World, id: string, thing: string, at: number): number {
  const own = heldAlone(world, id, thing, at)
  if (barOf(world, id, chainOf(world, thing), at) !== null) return own
  return Math.max(own, ...absentOf(world, id, at).map((absent) => heldAlone(world, absent, thing, at)))
}

/** The level without locks: the minimum with whoever caps the asker. */
export function unlocked(world: World, id: string, thing: string, at: number): number {
  const cap = capOf(world, id)
  const own = held(world, id, thing, at)
  return cap === null ? own : Math.min(own, unlocked(world, cap, thing, at))
}

/** Whether a lock that speaks has come for a thing: at once, or when a document's own time is over. */
export function lies(lock: Lock, thing: Thing | undefined, at: number): boolean {
  if (lock.counts_from === null) return true
  if (thing?.kind !== 'document' || lock.except.includes(thing.id)) return false
  const counted = lock.counts_from === 'upload' ? thing.uploaded_at : thing.changed_at
  return at >= (counted ?? Infinity) + lock.delay
}

/** The answer: 0 nothing, 1 view, 2 download, 3 contribute, 4 manage. */
export function level(world: World, id: string, thing: string, at: number): number {
  const chain = chainOf(world, thing)
  const above = new Set(chain.map((one) => one.id))
  const ceilings = world.locks.filter(
    (lock) => above.has(lock.thing_id) && during(lock, at) && lies(lock, chain[0], at)
  )
  return Math.min(unlocked(world, id, thing, at), ...ceilings.map((lock) => (lock.hides ? 0 : 1)))
}

/** What a document has in a folder or project that somebody else uploaded, just now. */
export function ofOthers(world: World, place: string): { world: World; id: string } {
  const id = `a stranger's in ${place}`
  const stranger: Thing = {
    ...thingOf(world, place),
    id,
    kind: 'document',
    parent_id: place,
    inherits: true,
    made_by: null
  }
  return { world: { ...world, things: [...world.things, stranger] }, id }
}
