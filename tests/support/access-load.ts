/** Puts worlds into the database, through the same triggers as everything else. */
import type pg from 'pg'
import type { Grant, Lock, Window } from './access-model.ts'
import type { TestedWorld } from './access-worlds.ts'

/** Seconds around the change of clocks in Europe (2026-10-25 01:00 UTC): windows do not care. */
export function timeOf(n: number): string {
  if (n === -Infinity) return '-infinity'
  if (n === Infinity) return 'infinity'
  return new Date(Date.UTC(2026, 9, 25, 0, 59, 59) + n * 1000).toISOString()
}

type Row = Record<string, string | number | boolean | null>

const times = (window: Window) => ({
  valid_from: timeOf(window.valid_from),
  valid_until: timeOf(window.valid_until)
})

/** One statement for a whole table; columns that a row does not name are null. */
async function load(client: pg.ClientBase, table: string, columns: string, rows: Row[]): Promise<void> {
  if (rows.length === 0) return
  await client.query(
    `insert into ${table} (${columns}) select ${columns} from jsonb_populate_recordset(null::${table}, $1::jsonb)`,
    [JSON.stringify(rows)]
  )
}

const isDocument = (world: TestedWorld, id: string) =>
  world.things.some((one) => one.id === id && one.kind === 'document')
const thingColumn = (world: TestedWorld, id: string) => (isDocument(world, id) ? 'document_id' : 'node_id')

export function grantRow(world: TestedWorld, grant: Grant): Row {
  const { id, level, allows, own_only } = grant
  const principal = { [`${grant.principal_kind}_id`]: grant.principal_id }
  return {
    id,
    level,
    allows,
    own_only,
    ...principal,
    [thingColumn(world, grant.thing_id)]: grant.thing_id,
    ...times(grant)
  }
}

const lockRow = (world: TestedWorld, lock: Lock): Row => ({
  id: lock.id,
  hides: lock.hides,
  counts_from: lock.counts_from,
  delay: lock.counts_from === null ? null : `${lock.delay} seconds`,
  [thingColumn(world, lock.thing_id)]: lock.thing_id,
  ...times(lock)
})

const containerColumn = (world: TestedWorld, id: string) =>
  world.groups.some((one) => one.id === id) ? 'group_id' : 'organisation_id'

async function loadPeople(client: pg.ClientBase, worlds: TestedWorld[]): Promise<void> {
  const person = 'id, name, email, email_key, staff_role, capped_by, valid_from, valid_until'
  const people = worlds.flatMap((world) => world.people)
  for (const capped of [false, true])
    await load(
      client,
      'person',
      person,
      people
        .filter((one) => (one.capped_by !== null) === capped)
        .map((one) => ({ ...one, name: 'x', email: one.id, email_key: one.id, ...times(one) }))
    )
  const named = (list: { id: string }[]) => list.map(({ id }) => ({ id, name: 'x' }))
  await load(client, 'organisation', 'id, name', named(worlds.flatMap((world) => world.organisations)))
  await load(client, 'groups', 'id, name', named(worlds.flatMap((world) => world.groups)))
  await load(
    client,
    'group_nesting',
    'outer_id, inner_id',
    worlds.flatMap((world) => world.nesting)
  )
  await load(
    client,
    'membership',
    'person_id, group_id, organisation_id, valid_from, valid_until',
    worlds.flatMap((world) =>
      world.memberships.map((one) => ({
        person_id: one.person_id,
        [containerColumn(world, one.container_id)]: one.container_id,
        ...times(one)
      }))
    )
  )
  await load(
    client,
    'link',
    'id, made_by, valid_from, valid_until',
    worlds.flatMap((world) => world.links.map((one) => ({ ...one, ...times(one) })))
  )
}

async function loadGates(client: pg.ClientBase, worlds: TestedWorld[]): Promise<void> {
  await load(
    client,
    'assignment',
    'person_id, group_id, client_id, valid_from, valid_until',
    worlds.flatMap((world) =>
      world.assignments.map((one) => ({
        [world.groups.some((group) => group.id === one.principal_id) ? 'group_id' : 'person_id']:
          one.principal_id,
        client_id: one.client_id,
        ...times(one)
      }))
    )
  )
  await load(
    client,
    'exclusion',
    'person_id, client_id, reason',
    worlds.flatMap((world) => world.exclusions.map((one) => ({ ...one, reason: 'x' })))
  )
  await load(
    client,
    'deputy',
    'absent_id, deputy_id, valid_from, valid_until, named_by, ended_at, ended_by',
    worlds.flatMap((world) =>
      world.deputies.map((one) => ({
        ...one,
        ...times(one),
        named_by: one.absent_id,
        ended_at: one.ended_at === null ? null : timeOf(one.ended_at),
        ended_by: one.ended_at === null ? null : one.absent_id
      }))
    )
  )
}

/** Makes the nodes as they were first, everything in them, and then what changed since. */
export async function loadWorlds(client: pg.ClientBase, worlds: TestedWorld[]): Promise<void> {
  await loadPeople(client, worlds)
  const node = 'id, kind, parent_id, client_id, name, inherits, walls'
  await load(
    client,
    'node',
    node,
    worlds.flatMap((world) => world.first.filter((one) => one.kind !== 'document'))
  )
  const documents = worlds.flatMap((world) => world.first.filter((one) => one.kind === 'document'))
  await load(
    client,
    'document',
    'id, folder_id, name, inherits, created_by, created_at, changed_at, waits',
    documents.map(
      ({
        id,
        parent_id,
        name,
        inherits,
        made_by = null,
        uploaded_at = 0,
        changed_at = 0,
        waits = false
      }) => ({
        id,
        folder_id: parent_id,
        name,
        inherits,
        created_by: made_by,
        created_at: timeOf(uploaded_at),
        changed_at: timeOf(changed_at),
        waits
      })
    )
  )
  const grant =
    'id, person_id, group_id, organisation_id, link_id, node_id, document_id, level, allows, valid_from, valid_until, own_only'
  await load(
    client,
    'access_grant',
    grant,
    worlds.flatMap((world) => [...world.grants, ...world.taken].map((one) => grantRow(world, one)))
  )
  await load(
    client,
    'access_lock',
    'id, node_id, document_id, hides, valid_from, valid_until, counts_from, delay',
    worlds.flatMap((world) => world.locks.map((one) => lockRow(world, one)))
  )
  await load(
    client,
    'lock_exception',
    'lock_id, document_id, made_by, at',
    worlds.flatMap((world) =>
      world.locks.flatMap((lock) =>
        lock.except.map((document_id) => ({
          lock_id: lock.id,
          document_id,
          made_by: world.people[0]?.id ?? null,
          at: timeOf(0)
        }))
      )
    )
  )
  await loadGates(client, worlds)
  await change(client, worlds)
}

async function change(client: pg.ClientBase, worlds: TestedWorld[]): Promise<void> {
  const changed = worlds.flatMap((world) =>
    world.first.flatMap((before, i) => {
      const now = world.things[i]
      return now && JSON.stringify(now) !== JSON.stringify(before) ? [now] : []
    })
  )
  await client.query(
    `update node n set parent_id = x.parent_id, inherits = x.inherits, client_id = x.client_id
       from jsonb_populate_recordset(null::node, $1::jsonb) x where x.id = n.id`,
    [JSON.stringify(changed.filter((one) => one.kind !== 'document'))]
  )
  await client.query(
    `update document d set inherits = x.inherits from jsonb_populate_recordset(null::node, $1::jsonb) x where x.id = d.id`,
    [JSON.stringify(changed.filter((one) => one.kind === 'document'))]
  )
  await client.query('delete from access_grant where id = any($1::uuid[])', [
    worlds.flatMap((world) => world.taken.map((one) => one.id))
  ])
}
