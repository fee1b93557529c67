/** Two clients, three places and everybody who might come to one of them: what the matrix of routes and roles is held against. */
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { seedPages } from '../documents.ts'
import type { Seeds } from '../functions.ts'

export const PLACES = ['own', 'closed', 'foreign'] as const
/** `own`: a project of client A; `closed`: a folder in it that inherits nothing; `foreign`: a project of client B. */
export type Place = (typeof PLACES)[number]

export type Role = {
  name: string
  /** null: nobody who is signed in. */
  person_id: string | null
  staff_role: 'administrator' | 'staff' | 'assistant' | 'auditor' | null
  cookie: string
  /** What the rule is asked about: a person, or a link for its visitor. */
  asker: string | null
}

export type World = {
  roles: Role[]
  /** The place's project, and the folder in which new things are made. */
  places: Record<Place, { project: string; folder: string; client: string }>
  link: { id: string; secret: string }
  /** Whoever made the link. */
  maker: string
  /** Somebody of another client. */
  stranger: string
  /** The client's administrator. */
  looking_after: string
  /** A document in each place whose pages are really there. */
  read: Record<Place, string>
}

/** The name of each thing holds its id: an answer that shows one tells which. */
export const MARK = /⟦([0-9a-f-]{36})⟧/g
const named = (id: string) => `Paper ⟦${id}⟧.pdf`
/** The same of people and clients. */
export const PERSON_MARK = /⟪([0-9a-f-]{36})⟫/g

export async function makeWorld(stage: Seeds): Promise<World> {
  const { owner } = stage
  const firm = await stage.seedFirm()
  await owner.query('update node set walls = true where id = $1', [firm])
  const [a, b] = [await stage.seedOrganisation('Client A'), await stage.seedOrganisation('Client B')]
  await owner.query(`update organisation set name = name || ' ⟪' || id || '⟫' where id = any($1::uuid[])`, [
    [a, b]
  ])
  const own = await makeProject(stage, firm, a)
  const foreign = await makeProject(stage, firm, b)
  const closed = await makeFolder(stage, own, false)

  const roles: Role[] = [{ name: 'nobody', person_id: null, staff_role: null, cookie: '', asker: null }]
  const add = async (name: string, wish: Wish = {}): Promise<string> => {
    const role = wish.staff_role ?? null
    const person = await stage.seedPerson({
      name,
      staff_role: role,
      organisation_id: wish.client ?? null,
      // As somebody who has not joined yet: no password fits.
      password_hash: null
    })
    if (wish.employer)
      await owner.query('update person set employer_id = $2, capped_by = $3 where id = $1', [
        person.id,
        wish.employer,
        wish.capped_by
      ])
    for (const [node_id, level] of wish.grants ?? [])
      await stage.seedGrant({ person_id: person.id, node_id, level })
    await owner.query(`update person set name = name || ' ⟪' || id || '⟫' where id = $1`, [person.id])
    const cookie = await stage.signIn(person, wish.factors ?? 2)
    roles.push({ name, person_id: person.id, staff_role: role, cookie, asker: person.id })
    return person.id
  }
  const assign = (person: string) =>
    owner.query('insert into assignment (person_id, client_id) values ($1, $2)', [person, a])

  await add('client', { client: a, grants: [[own, 3]] })
  await add('client who may download', { client: a, grants: [[own, 2]] })
  await add('client who may view', { client: a, grants: [[own, 1]] })
  await add('same client without a grant', { client: a })
  const looking_after = await add('client administrator', { client: a, grants: [[own, 3]] })
  await owner.query('update membership set administers = true where person_id = $1', [looking_after])
  const stranger = await add('other client', { client: b, grants: [[foreign, 4]] })
  await add('half signed in', { client: a, grants: [[own, 4]], factors: 1 })
  const shut = await add('closed account', { grants: [[own, 4]] })
  await owner.query(
    `update person set valid_until = now() - interval '1 minute', valid_from = '-infinity' where id = $1`,
    [shut]
  )
  const sub = await add('sub-account', { employer: a, capped_by: looking_after })
  // Shared when their administrator held as much, who holds less of the one by now, and nothing of the other.
  await share(stage, looking_after, sub, [
    [own, 4],
    [foreign, 2]
  ])

  const staff = await add('staff', {
    staff_role: 'staff',
    grants: [
      [own, 4],
      [closed, 4]
    ]
  })
  await assign(staff)
  const deputy = await add('deputy', { staff_role: 'staff' })
  await assign(deputy)
  await owner.query(
    `insert into deputy (absent_id, deputy_id, named_by, valid_until) values ($1, $2, $1, now() + interval '7 days')`,
    [staff, deputy]
  )
  const guest = await add('guest whose stay ended')
  await endStay(stage, staff, guest, [
    [own, 3],
    [foreign, 2]
  ])
  // The clock has said so of the one already.
  await owner.query('update project_guest set ended_at = now() where person_id = $1 and project_id = $2', [
    guest,
    own
  ])
  const assistant = await add('assistant', { staff_role: 'assistant', grants: [[own, 3]] })
  await assign(assistant)
  await add('staff outside the wall', { staff_role: 'staff', grants: [[own, 4]] })
  const excluded = await add('excluded staff', { staff_role: 'staff', grants: [[own, 4]] })
  await assign(excluded)
  await owner.query(
    `insert into exclusion (person_id, client_id, reason) values ($1, $2, 'acted for the other side')`,
    [excluded, a]
  )
  await add('auditor', { staff_role: 'auditor', grants: [[own, 4]] })
  await add('administrator without a grant', { staff_role: 'administrator' })

  const places = {
    own: { project: own, folder: own, client: a },
    closed: { project: own, folder: closed, client: a },
    foreign: { project: foreign, folder: foreign, client: b }
  }
  const link = await makeLink(stage, staff, own, own)
  const visitor = await makeVisit(stage, link.id)
  roles.push({ name: 'visitor', person_id: null, staff_role: null, cookie: visitor, asker: link.id })
  const read = {} as Record<Place, string>
  for (const place of PLACES) {
    read[place] = await makeDocument(stage, places[place].folder)
    await seedPages(stage, read[place], 1)
  }
  return { roles, places, link, maker: staff, stranger, looking_after, read }
}

type Shares = [node: string, level: 1 | 2 | 3 | 4][]
type Wish = {
  staff_role?: Role['staff_role']
  client?: string
  /** Of a sub-account: the client that it works for, and its administrator. */
  employer?: string
  capped_by?: string
  grants?: Shares
  factors?: 1 | 2
}

/** Grants by name, as whoever looks after a client's people gives them. */
async function share(stage: Seeds, by: string, person: string, shares: Shares): Promise<void> {
  for (const [node_id, level] of shares) {
    const id = await stage.seedGrant({ person_id: person, node_id, level })
    await stage.owner.query('update access_grant set given_by = $2 where id = $1', [id, by])
  }
}

/** A guest of these projects until a minute ago: what they were given ended with their stay, the account goes on. */
async function endStay(stage: Seeds, sponsor: string, person: string, shares: Shares): Promise<void> {
  for (const [project] of shares)
    await stage.owner.query(
      `insert into project_guest (project_id, person_id, sponsor_id, valid_until) values ($1, $2, $3, now() - interval '1 minute')`,
      [project, person, sponsor]
    )
  await share(stage, sponsor, person, shares)
}

async function makeProject(stage: Seeds, firm: string, client: string): Promise<string> {
  const id = randomUUID()
  await stage.owner.query(
    `insert into node (id, kind, parent_id, project_id, client_id, name, path, scope_id)
     values ($1::uuid, 'project', $2::uuid, $1::uuid, $3, $4, array[$2::uuid, $1::uuid], $1::uuid)`,
    [id, firm, client, named(id)]
  )
  return id
}

export async function makeFolder(stage: Seeds, parent: string, inherits = true): Promise<string> {
  const id = randomUUID()
  await stage.owner.query(
    `insert into node (id, kind, parent_id, name, inherits) values ($1, 'folder', $2, $3, $4)`,
    [id, parent, named(id), inherits]
  )
  return id
}

/** A document that is ready, of one page whose files are in the store only as names. */
export async function makeDocument(stage: Seeds, folder: string, by: string | null = null): Promise<string> {
  const [id, version] = [randomUUID(), randomUUID()]
  await stage.owner.query(`insert into document (id, folder_id, name, created_by) values ($1, $2, $3, $4)`, [
    id,
    folder,
    named(id),
    by
  ])
  await stage.owner.query(
    `insert into version (id, document_id, project_id, no, object_key, object_version_id, size, declared_type, detected_type, sha256,
                          state, scan_result, preview_result, page_count)
     select $1::uuid, d.id, d.project_id, 1, d.id || '/' || $1::uuid, 'v', 5, 'application/pdf', 'application/pdf', sha256(d.id::text::bytea), 'ready', 'clean', 'complete', 1
       from document d where d.id = $2::uuid`,
    [version, id]
  )
  await stage.owner.query('update document set current_version_id = $2 where id = $1', [id, version])
  return id
}

/** A link to a project or document of it, view only. */
export async function makeLink(
  stage: Seeds,
  maker: string,
  project: string,
  thing: string
): Promise<{ id: string; secret: string }> {
  const secret = randomBytes(32).toString('base64url')
  const made = await stage.owner.query<{ id: string }>(
    `insert into link (made_by, project_id, secret_hash, recipient, valid_until)
     values ($1, $2, $3, 'Bank', now() + interval '1 day') returning id`,
    [maker, project, createHash('sha256').update(secret).digest()]
  )
  const id = made.rows[0]?.id ?? ''
  const column = project === thing ? 'node_id' : 'document_id'
  await stage.owner.query(
    `insert into access_grant (link_id, ${column}, level, given_by) values ($1, $2, 1, $3)`,
    [id, thing, maker]
  )
  return { id, secret }
}

async function makeVisit(stage: Seeds, link: string): Promise<string> {
  const token = randomBytes(32).toString('base64url')
  await stage.owner.query(
    `insert into visit (token_hash, link_id, name, device, expires_at) values ($1, $2, 'Berta Bank', 'Firefox', now() + interval '1 day')`,
    [createHash('sha256').update(token).digest(), link]
  )
  return `portico-link-${link}=${token}`
}

/** What the rule says, from 0 (nothing) to 4 (manage). */
export async function levelOf(stage: Seeds, role: Role, thing: string): Promise<number> {
  if (role.asker === null) return 0
  const found = await stage.owner.query<{ level: number }>(
    'select level from access_levels(array[$1::uuid], array[$2::uuid], now())',
    [role.asker, thing]
  )
  return found.rows[0]?.level ?? 0
}

/** Which of these things they see at all. */
export async function seenOf(stage: Seeds, role: Role, things: string[]): Promise<Set<string>> {
  if (role.asker === null) return new Set()
  const found = await stage.owner.query<{ thing_id: string }>(
    'select thing_id from access_levels(array[$1::uuid], $2::uuid[], now()) where level > 0',
    [role.asker, things]
  )
  return new Set(found.rows.map((row) => row.thing_id))
}

/** Whether they manage a thing, or would without its locks. */
export async function isManaged(stage: Seeds, role: Role, thing: string): Promise<boolean> {
  if (role.asker === null) return false
  const found = await stage.owner.query(
    'select from access_levels(array[$1::uuid], array[$2::uuid], now()) a where a.unlocked = 4',
    [role.asker, thing]
  )
  return (found.rowCount ?? 0) > 0
}

/** Whether they have a link as its maker has, who is away. */
export async function standsIn(stage: Seeds, role: Role, maker: string, project: string): Promise<boolean> {
  if (role.person_id === null) return false
  const found = await stage.owner.query<{ stands_in: boolean }>(
    'select link_stands_in($1, $2, $3, now()) as stands_in',
    [role.person_id, maker, project]
  )
  return found.rows[0]?.stands_in ?? false
}

/** Whether anything in a project is theirs to see: then its name is no secret. */
export async function isReached(stage: Seeds, role: Role, project: string): Promise<boolean> {
  if (role.person_id === null) return false
  const found = await stage.owner.query(
    'select from access_projects($1, now()) as p(id, level) where p.id = $2',
    [role.person_id, project]
  )
  return (found.rowCount ?? 0) > 0
}

/**
 * Which of these people and clients a role may know of: by the directory, because both meet at a thing that the role sees,
 * or, for a link's visitor, because it is who shares. Who manages a project knows whoever was given something on it, by whom,
 * and all that its activity names; who sees it, what the firm's people did there (rules/activity.ts).
 */
export async function knownOf(stage: Seeds, role: Role, others: string[]): Promise<Set<string>> {
  const found = await stage.owner.query<{ id: string }>(
    `with seen as materialized (
       select n.id, n.client_id, a.level, a.unlocked from node n
         join access_levels(array[$1::uuid],
                array(select id from node where kind = 'project' or not inherits), now()) a
           on a.thing_id = n.id and a.level > 0)
     select d.id from directory_people($1, now()) d where d.id = any($2::uuid[])
     union select d.id from directory_organisations($1, now()) d where d.id = any($2)
     union select l.made_by from link l where l.id = $1 and l.made_by = any($2)
     union select client_id from seen where client_id = any($2)
     union select w.who from seen, access_who(seen.id, now()) w where w.who = any($2)
     union select x.id from seen join access_grant g on g.thing_id = seen.id,
                   unnest(array[g.principal_id, g.given_by]) x(id)
            where seen.unlocked = 4 and x.id = any($2)
     union select x.id from seen join audit t on t.project_id = seen.id, unnest(array[t.actor_id, t.subject_id]) x(id)
            where seen.level = 4 and x.id = any($2)
     union select t.actor_id from seen join audit t on t.project_id = seen.id join person p on p.id = t.actor_id
            where p.staff_role is not null and t.action <> 'access.refused' and p.id = any($2)`,
    [role.asker, others]
  )
  return new Set(found.rows.map((row) => row.id))
}
