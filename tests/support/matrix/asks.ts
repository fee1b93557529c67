/** What a line of the matrix is made of: the call, whom it is for, and the things that it is about. */
import { randomUUID } from 'node:crypto'
import type { Seeds } from '../functions.ts'
import { type Place, type Role, type World, makeDocument, levelOf, makeFolder, makeLink } from './world.ts'

/** Something in the project is seen. */
export const REACHED = 0
export const VIEW = 1
export const DOWNLOAD = 2
export const CONTRIBUTE = 3
export const MANAGE = 4
/** To manage, were it not for locks. */
export const MANAGED = 5

/** One call: its path below /api/v1, and what the rule must say for it to go well. */
export type Ask = {
  path: string
  body?: unknown
  /** Each of these things must be held at least so high. */
  things?: [id: string, level: number][]
  /** False: it is refused although the things are held. */
  also?: false
  /** What is not held high enough is as if it were not there: 404 in place of 403. */
  unseen?: boolean
  /** Refusals that say nothing about rights. */
  business?: number[]
}

export type Place$ = { stage: Seeds; world: World; place: Place; role: Role }
export type Prepare = (at: Place$) => Promise<Ask>

export type Rule =
  /** For everybody; the secret in the body, not a session, opens it. */
  | { for: 'everybody'; ask: Prepare; refuses?: number[]; ends?: boolean }
  /** For whoever is signed in, about themselves or what they may see. `half`: also with the second factor still owed. */
  | { for: 'signed in'; ask: Prepare; half?: boolean }
  /** For whoever still owes the second factor. */
  | { for: 'half'; ask: Prepare }
  /** For whom this says yes. */
  | { for: 'asked'; allows: (at: Place$) => Promise<boolean>; ask: Prepare }
  | { for: 'roles'; roles: Role['staff_role'][]; ask: Prepare }
  /** For whoever holds the things. */
  | { for: 'things'; or?: Role['staff_role'][]; ask: Prepare }
  /** For the one whom it belongs to: each role in turn asks for its own, and for others' (`ownersFor`). */
  | { for: 'owner'; or?: Role['staff_role'][]; ask: (at: Place$ & { owner: string }) => Promise<Ask> }
  /** For whoever made the link, or stands in for them; for others while they manage what it shares. */
  /** `opens`: as making one, so that its maker too must still manage what it shares. */
  | { for: 'link'; ask: Prepare; opens?: true }
  /** For a visitor of the link, as far as the link reaches. */
  | { for: 'visitor'; ask: Prepare }

export const folderAt = ({ world, place }: Place$) => world.places[place].folder
export const projectAt = ({ world, place }: Place$) => world.places[place].project
export const newDocument = (at: Place$) => makeDocument(at.stage, folderAt(at))
export const newFolder = (at: Place$) => makeFolder(at.stage, folderAt(at))

export const self = (path: string, body?: unknown, business?: number[]) => async () => ({
  path,
  ...(body !== undefined && { body }),
  ...(business && { business })
})
export const onDocument =
  (level: number, path: (id: string) => string, body?: unknown): Prepare =>
  async (at) => {
    const id = await newDocument(at)
    return { path: path(id), ...(body !== undefined && { body }), things: [[id, level]] }
  }
export const onFolder =
  (level: number, path: (id: string) => string, body?: unknown): Prepare =>
  async (at) => {
    const id = await newFolder(at)
    return { path: path(id), ...(body !== undefined && { body }), things: [[id, level]] }
  }
export const onProject =
  (level: number, path: (id: string) => string, body?: unknown): Prepare =>
  async (at) => {
    const id = projectAt(at)
    return { path: path(id), ...(body !== undefined && { body }), things: [[id, level]] }
  }

export const ADMIN: Role['staff_role'][] = ['administrator']
export const OFFICE_ROLES: Role['staff_role'][] = ['administrator', 'staff']
export const STAFF: Role['staff_role'][] = ['administrator', 'staff', 'assistant', 'auditor']
/** Of the firm, and no auditor. */
export const AT_WORK: Role['staff_role'][] = ['administrator', 'staff', 'assistant']
export const LOG: Role['staff_role'][] = ['administrator', 'auditor']

/** A grant for somebody who is in no other test: what the roles hold stays as it is. */
export const grantWish = async (thing_id: string, at: Place$) => ({
  thing_id,
  principal_kind: 'person',
  principal_id: (await at.stage.seedPerson({ organisation_id: at.world.places[at.place].client })).id,
  level: 'view',
  confirm: true
})
/** A folder of which a lock leaves everybody nothing but looking. */
export async function newLocked(at: Place$): Promise<string> {
  const folder = await newFolder(at)
  await row(
    at,
    `insert into access_lock (node_id, hides, valid_from, made_by)
     values ($1, false, now(), (select id from person limit 1)) returning id`,
    [folder]
  )
  return folder
}
export const onLocked =
  (path: (id: string) => string, body?: unknown): Prepare =>
  async (at) => {
    const id = await newLocked(at)
    return { path: path(id), ...(body !== undefined && { body }), things: [[id, MANAGED]] }
  }

/** On a locked folder: who mends grants is no question of locks. */
export async function newGrant(at: Place$): Promise<{ id: string; folder: string }> {
  const folder = await newLocked(at)
  const person = await at.stage.seedPerson()
  const id = await at.stage.seedGrant({ person_id: person.id, node_id: folder, level: 1 })
  return { id, folder }
}

/** A lock that counts days in a new folder. */
export async function newLock(at: Place$): Promise<{ id: string; folder: string }> {
  const folder = await newFolder(at)
  const id = await row(
    at,
    `insert into access_lock (node_id, hides, valid_from, counts_from, delay, made_by)
     values ($1, false, now(), 'upload', interval '240 hours', (select id from person limit 1)) returning id`,
    [folder]
  )
  return { id, folder }
}

/** Inserts a row and gives its id. */
export async function row(at: Place$, sql: string, values: unknown[]): Promise<string> {
  const made = await at.stage.owner.query<{ id: string }>(sql, values)
  return made.rows[0]?.id ?? ''
}

export async function newVersions(at: Place$): Promise<string> {
  const id = await newDocument(at)
  await at.stage.owner.query(
    `insert into version (document_id, project_id, no, object_key, object_version_id, size, declared_type, sha256, state)
     select id, project_id, 2, id || '/two', 'v', 5, 'text/plain', sha256('two'), 'ready' from document where id = $1`,
    [id]
  )
  return id
}

export const newUpload = (at: Place$ & { owner: string }): Promise<string> =>
  row(
    at,
    `insert into upload (person_id, project_id, folder_id, document_id, version_id, name, size, declared_type, part_size)
     values ($1, $2, $3, uuidv7(), uuidv7(), 'a.txt', 1, 'text/plain', 16777216) returning id`,
    [at.owner, projectAt(at), folderAt(at)]
  )
export const newOrder = (at: Place$ & { owner: string }): Promise<string> =>
  row(
    at,
    `insert into archive (person_id, project_id, name, folder_id, count, size) values ($1, $2, 'a.zip', $3, 1, 1) returning id`,
    [at.owner, projectAt(at), folderAt(at)]
  )

export const wrongSecret =
  (before: string, after: string, more: object = {}) =>
  async ({ world }: Place$): Promise<Ask> => ({
    path: `${before}/${world.link.id}${after}`,
    body: { secret: 'A'.repeat(43), ...more }
  })

/** A link that the staff member made for a new document. */
export const onLink =
  (_method: string, after: string, body?: object, with_secret = false) =>
  async (at: Place$): Promise<Ask> => {
    const document = await newDocument(at)
    const { id, secret } = await makeLink(at.stage, at.world.maker, projectAt(at), document)
    return {
      path: `/sharing/links/${id}${after}`,
      ...(body && { body: with_secret ? { ...body, secret } : body }),
      things: [[document, MANAGE]]
    }
  }

/** What no authenticator said, and how it is refused. */
export const NO_CREDENTIAL = {
  id: 'AAAA',
  rawId: 'AAAA',
  type: 'public-key',
  response: {
    clientDataJSON: 'AAAA',
    attestationObject: 'AAAA',
    authenticatorData: 'AAAA',
    signature: 'AAAA'
  }
}
export const NO_PASSKEY = [400, 401, 403, 409, 422, 429]
export const newPasskey = (at: Place$ & { owner: string }): Promise<string> =>
  row(
    at,
    `insert into passkey (person_id, credential_id, public_key, counter, transports, name)
     values ($1, $2, '\\x00', 0, '{}', 'Key') returning id`,
    [at.owner, randomUUID()]
  )

export const clientAt = ({ world, place }: Place$) => world.places[place].client
export const newGroup = (at: Place$): Promise<string> =>
  row(at, 'insert into groups (name) values ($1) returning id', [`Group ${randomUUID()}`])
export const newStaff = async (at: Place$): Promise<string> =>
  (await at.stage.seedPerson({ staff_role: 'staff' })).id

/** Walls and exclusions hold for what one may know of a client as well. */
export async function knowsClient(at: Place$, roles: Role['staff_role'][]): Promise<boolean> {
  if (!roles.includes(at.role.staff_role)) return false
  const found = await at.stage.owner.query(
    'select from directory_organisations($1, now()) d where d.id = $2',
    [at.role.person_id, clientAt(at)]
  )
  return (found.rowCount ?? 0) > 0
}
export const looksAfter = async ({ role, place }: Place$): Promise<boolean> =>
  role.name === 'client administrator' && place !== 'foreign'
export const managesAsStaff = async (at: Place$): Promise<boolean> =>
  ['administrator', 'staff', 'assistant'].includes(at.role.staff_role ?? '') &&
  (await levelOf(at.stage, at.role, projectAt(at))) === MANAGE
