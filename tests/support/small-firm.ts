/** A small firm in a test's database: one client, one project, one folder, one document, one person of the client. */
import { randomUUID } from 'node:crypto'
import type pg from 'pg'

export type SmallFirm = {
  firm: string
  client: string
  project: string
  folder: string
  document: string
  person: string
  /** Groups of the person. */
  group: string
  other_group: string
}

async function insert(on: pg.ClientBase, table: string, row: Record<string, unknown>): Promise<string> {
  const columns = Object.keys(row)
  const places = columns.map((_, i) => `$${i + 1}`)
  const result = await on.query<{ id: string }>(
    `insert into ${table} (${columns.join(', ')}) values (${places.join(', ')}) returning id`,
    Object.values(row)
  )
  const id = result.rows[0]?.id
  if (!id) throw new Error(`nothing inserted into ${table}`)
  return id
}

export const insertPerson = (on: pg.ClientBase, more: Record<string, unknown> = {}) => {
  const email = `${randomUUID()}@example.org`
  return insert(on, 'person', { name: 'A person', email, email_key: email, ...more })
}

export const insertNode = (
  on: pg.ClientBase,
  kind: string,
  parent_id: string | null,
  more: Record<string, unknown> = {}
) => insert(on, 'node', { kind, parent_id, name: kind, ...more })

export const insertDocument = (on: pg.ClientBase, folder_id: string, name = 'document') =>
  insert(on, 'document', { folder_id, name })

export const insertGrant = (on: pg.ClientBase, row: Record<string, unknown>) =>
  insert(on, 'access_grant', row)

/** Makes it. `on` is a superuser's or the owner's connection. */
export async function makeSmallFirm(on: pg.ClientBase): Promise<SmallFirm> {
  const firm = await insertNode(on, 'firm', null)
  const client = await insert(on, 'organisation', { name: 'A client' })
  const project = await insertNode(on, 'project', firm, { client_id: client })
  const folder = await insertNode(on, 'folder', project)
  const document = await insertDocument(on, folder)
  const person = await insertPerson(on)
  const group = await insert(on, 'groups', { name: 'Payroll' })
  const other_group = await insert(on, 'groups', { name: 'Board' })
  for (const row of [{ group_id: group }, { group_id: other_group }, { organisation_id: client }])
    await on.query(`insert into membership (person_id, ${Object.keys(row)[0]}) values ($1, $2)`, [
      person,
      Object.values(row)[0]
    ])
  return { firm, client, project, folder, document, person, group, other_group }
}

/** The rule's answer. */
export async function levelOf(on: pg.ClientBase, person: string, thing: string): Promise<number> {
  const result = await on.query<{ level: number }>(
    'select level from access_levels(array[$1]::uuid[], array[$2]::uuid[], now())',
    [person, thing]
  )
  return result.rows[0]?.level ?? -1
}
