/** Random worlds for the access rule: a firm with a few of everything, dense with grants that meet each other. */
import fc from 'fast-check'
import type { Deputyship, Grant, Lock, Person, PrincipalKind, Thing, Window, World } from './access-model.ts'

/** A world with what the database saw before it came to be as it is: moved, closed and re-assigned nodes, grants taken. */
export type TestedWorld = World & {
  organisations: { id: string }[]
  groups: { id: string }[]
  /** How nodes were made first; the ones that differ from `things` are changed afterwards, in this order. */
  first: Thing[]
  /** Grants that were given and taken away again. */
  taken: Grant[]
  /** The moments at which it is asked. */
  at: number[]
}

const index = (n: number) => fc.nat({ max: n - 1 })

/** Mostly always; else windows whose ends meet each other and the moments that are asked. */
const window: fc.Arbitrary<Window> = fc.oneof(
  { weight: 5, arbitrary: fc.constant({ valid_from: -Infinity, valid_until: Infinity }) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 1, max: 3 }), fc.boolean(), fc.boolean())
      .map(([from, long, begins, ends]) => ({
        valid_from: begins ? from : -Infinity,
        valid_until: ends ? from + long : Infinity
      }))
  }
)

const role = fc.constantFrom(
  null,
  null,
  null,
  'staff',
  'staff',
  'staff',
  'administrator',
  'auditor'
) as fc.Arbitrary<Person['staff_role']>
const name = fc.constantFrom('a', 'b', 'c')
/** An index into the things, more often one near the top: grants there meet more of the others. */
const thing = fc.oneof(index(12), index(4))

const recipe = fc.record({
  walls: index(4).map((n) => n === 0),
  people: fc.array(fc.record({ window, role, cap: fc.option(index(5), { freq: 3 }) }), {
    minLength: 2,
    maxLength: 5
  }),
  links: fc.array(fc.record({ window, by: index(5), by_deputy: index(2) }), { maxLength: 2 }),
  groups: fc.integer({ min: 1, max: 4 }),
  nesting: fc.array(fc.tuple(index(4), index(4)), { maxLength: 2 }),
  members: fc.array(fc.record({ window, person: index(5), container: index(6) }), {
    minLength: 4,
    maxLength: 10
  }),
  projects: fc.array(fc.record({ client: index(3), first: index(12) }), { minLength: 1, maxLength: 2 }),
  folders: fc.array(
    fc.record({
      up: index(8),
      closed: index(6),
      name,
      first_up: fc.option(index(8), { freq: 4 }),
      first_closed: index(8)
    }),
    { maxLength: 5 }
  ),
  documents: fc.array(
    fc.record({
      up: index(8),
      closed: index(6),
      first_closed: index(8),
      name,
      by: fc.option(index(5), { freq: 5 }),
      uploaded: fc.integer({ min: -2, max: 5 }),
      changed: fc.option(fc.integer({ min: -2, max: 6 }), { freq: 2 }),
      waits: index(5)
    }),
    { maxLength: 4 }
  ),
  grants: fc.array(
    fc.record({
      window,
      principal: index(13),
      thing,
      level: fc.integer({ min: 1, max: 4 }),
      kind: index(3),
      own_only: index(2),
      taken: index(10)
    }),
    { minLength: 5, maxLength: 16 }
  ),
  locks: fc.array(
    fc.record({
      window,
      thing,
      hides: fc.boolean(),
      counts_from: fc.constantFrom(null, null, 'upload', 'change') as fc.Arbitrary<Lock['counts_from']>,
      delay: fc.integer({ min: 0, max: 4 }),
      except: fc.option(index(4), { freq: 3 })
    }),
    { maxLength: 2 }
  ),
  assignments: fc.array(fc.record({ window, principal: index(9), client: index(2) }), { maxLength: 4 }),
  exclusions: fc.array(fc.record({ person: index(5), client: index(2) }), { maxLength: 1 }),
  deputies: fc.array(
    fc.record({
      window,
      absent: index(5),
      deputy: index(5),
      anybody: index(12),
      chained: index(3),
      ended: fc.oneof(
        { weight: 4, arbitrary: fc.constant(null) },
        { weight: 1, arbitrary: fc.integer({ min: -1, max: 6 }) }
      )
    }),
    { minLength: 2, maxLength: 4 }
  ),
  at: fc.array(fc.integer({ min: -1, max: 7 }), { minLength: 2, maxLength: 2 })
})
type Recipe = typeof recipe extends fc.Arbitrary<infer T> ? T : never

let last = 0
/** Ids of a world need only differ from all others in the database. */
const newId = () => `00000000-0000-7000-8000-${(++last).toString(16).padStart(12, '0')}`

/** The n-th, going round. Throws on an empty list. */
function pick<T>(list: T[], n: number): T {
  const one = list[n % list.length]
  if (one === undefined) throw new Error('nothing to pick from')
  return one
}

/** Keeps the first of those that have the same key. */
const unique = <T>(list: T[], key: (one: T) => string): T[] => [
  ...new Map(list.toReversed().map((one) => [key(one), one])).values()
]

function makePeople(given: Recipe['people']): Person[] {
  const people: Person[] = given.map((one) => ({
    id: newId(),
    staff_role: one.role,
    capped_by: null,
    ...one.window
  }))
  given.forEach(({ cap }, i) => {
    const [person, by] = [people[i], cap === null ? undefined : people[cap]]
    const isCap = people.some((one) => one.capped_by === person?.id)
    if (person && by && by !== person && by.capped_by === null && !isCap) person.capped_by = by.id
  })
  return people
}

function makeNesting(given: Recipe['nesting'], groups: { id: string }[]): World['nesting'] {
  const nesting: World['nesting'] = []
  for (const [a, b] of given) {
    const [outer_id, inner_id] = [pick(groups, a).id, pick(groups, b).id]
    const twice = nesting.some(
      (one) => one.inner_id === outer_id || one.outer_id === inner_id || one.inner_id === inner_id
    )
    if (outer_id !== inner_id && !twice) nesting.push({ outer_id, inner_id })
  }
  return nesting
}

/** Mostly of people of the firm, and often of one who is away too; now and then of anybody, who stands in for nobody. */
function makeDeputies(given: Recipe['deputies'], people: Person[]): Deputyship[] {
  const staff = people.filter((one) => one.staff_role !== null)
  let before: string | null = null
  return given.flatMap(({ window, absent, deputy, anybody, chained, ended }) => {
    if (anybody > 0 && staff.length < 2) return []
    const from = anybody === 0 ? people : staff
    const absent_id = pick(from, absent).id
    const deputy_id = chained > 0 && before !== null ? before : pick(from, deputy).id
    before = absent_id
    return absent_id === deputy_id ? [] : [{ absent_id, deputy_id, ended_at: ended, ...window }]
  })
}

/** Parents always come earlier in the list, first and at last, so no order of moves makes a circle. */
function makeTree(
  r: Recipe,
  organisations: { id: string }[],
  people: Person[]
): { first: Thing[]; things: Thing[] } {
  const plain = { inherits: true, client_id: null, walls: false }
  const client = (n: number) => organisations[n]?.id ?? null
  const firm: Thing = { ...plain, id: newId(), kind: 'firm', parent_id: null, name: 'firm', walls: r.walls }
  const first = [firm]
  const things = [firm]
  for (const one of r.projects) {
    const made: Thing = {
      ...plain,
      id: newId(),
      kind: 'project',
      parent_id: firm.id,
      name: 'project',
      client_id: client(one.client)
    }
    things.push(made)
    first.push(one.first < 3 ? { ...made, client_id: client(one.first) } : made)
  }
  for (const one of r.folders) {
    const ups = things.slice(1)
    const made: Thing = {
      ...plain,
      id: newId(),
      kind: 'folder',
      parent_id: pick(ups, one.up).id,
      name: one.name,
      inherits: one.closed !== 0
    }
    things.push(made)
    first.push({
      ...made,
      parent_id: one.first_up === null ? made.parent_id : pick(ups, one.first_up).id,
      inherits: one.first_closed === 0 ? !made.inherits : made.inherits
    })
  }
  const ups = things.slice(1)
  for (const one of r.documents) {
    const made: Thing = {
      ...plain,
      id: newId(),
      kind: 'document',
      parent_id: pick(ups, one.up).id,
      name: one.name,
      made_by: one.by === null ? null : pick(people, one.by).id,
      uploaded_at: one.uploaded,
      changed_at: Math.max(one.uploaded, one.changed ?? one.uploaded),
      waits: one.waits === 0,
      inherits: one.closed !== 0
    }
    things.push(made)
    first.push({ ...made, inherits: one.first_closed === 0 ? !made.inherits : made.inherits })
  }
  return { first, things }
}

function makeWorld(r: Recipe): TestedWorld {
  const organisations = [{ id: newId() }, { id: newId() }]
  const groups = Array.from({ length: r.groups }, () => ({ id: newId() }))
  const people = makePeople(r.people)
  const deputies = makeDeputies(r.deputies, people)
  const links = r.links.map(({ window, by, by_deputy }) => ({
    id: newId(),
    made_by: (by_deputy === 0 && deputies[0]?.deputy_id) || pick(people, by).id,
    ...window
  }))
  const { first, things } = makeTree(r, organisations, people)
  const principals = [
    ...people.map((one) => ['person', one.id] as const),
    ...groups.map((one) => ['group', one.id] as const),
    ...organisations.map((one) => ['organisation', one.id] as const),
    ...links.map((one) => ['link', one.id] as const)
  ] satisfies (readonly [PrincipalKind, string])[]
  const grants = r.grants.map((one) => {
    const [principal_kind, principal_id] = pick<readonly [PrincipalKind, string]>(principals, one.principal)
    const thing_id = pick(things, one.thing).id
    const grant = {
      id: newId(),
      principal_id,
      principal_kind,
      thing_id,
      level: one.level,
      allows: one.kind > 0,
      // As the table has it: of an allow below manage, on a folder or above, and not of a link.
      own_only:
        one.own_only === 0 &&
        one.kind > 0 &&
        one.level < 4 &&
        principal_kind !== 'link' &&
        pick(things, one.thing).kind !== 'document',
      ...one.window
    }
    return { grant, taken: one.taken === 0 }
  })
  const documents = things.filter((one) => one.kind === 'document')
  const windowKey = (one: Window) => String(one.valid_from)
  return {
    organisations,
    groups,
    people,
    links,
    first,
    things,
    at: r.at,
    nesting: makeNesting(r.nesting, groups),
    memberships: unique(
      r.members.map((one) => ({
        person_id: pick(people, one.person).id,
        container_id: pick([...organisations, ...groups], one.container).id,
        ...one.window
      })),
      (one) => one.person_id + one.container_id + windowKey(one)
    ),
    grants: grants.filter((one) => !one.taken).map((one) => one.grant),
    taken: grants.filter((one) => one.taken).map((one) => one.grant),
    // A lock has a beginning: [0, …), and not an empty window.
    locks: r.locks.map((one) => ({
      id: newId(),
      thing_id: pick(things, one.thing).id,
      hides: one.hides,
      counts_from: one.counts_from,
      delay: one.delay,
      except:
        one.counts_from !== null && one.except !== null && documents.length > 0
          ? [pick(documents, one.except).id]
          : [],
      valid_from: Math.max(0, one.window.valid_from),
      valid_until: Math.max(1, one.window.valid_until)
    })),
    assignments: unique(
      r.assignments.map((one) => ({
        principal_id: pick([...people, ...groups], one.principal).id,
        client_id: pick(organisations, one.client).id,
        ...one.window
      })),
      (one) => one.principal_id + one.client_id + windowKey(one)
    ),
    exclusions: r.exclusions.map((one) => ({
      person_id: pick(people, one.person).id,
      client_id: pick(organisations, one.client).id
    })),
    deputies
  }
}

/** `count` worlds at once: what costs is the round trip, not the world. */
export const someWorlds = (count: number): fc.Arbitrary<TestedWorld[]> =>
  fc
    .array(recipe, { minLength: count, maxLength: count, size: 'max' })
    .map((recipes) => recipes.map(makeWorld))
