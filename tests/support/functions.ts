/**
 * Functions under test: a folder of secrets for one database, the environment that config.ts parses at its import, and
 * people to call as. A handler is called as `handler.fetch(new Request(…))`, with real rows behind it.
 *
 *   const stage = await setStage()                       // before any handler is imported; closes itself after the tests
 *   const auth = await stage.handler('auth')
 *   const anna = await stage.seedPerson({ staff_role: 'administrator' })
 *   const answer = await call(auth, 'GET', '/session', { cookie: await stage.signIn(anna) })
 */
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import type { S3Client } from '@aws-sdk/client-s3'
import pg from 'pg'
import { jobKey } from '../../functions/_shared/auth/job-key.ts'
import { SUPERUSER } from '../../infra/postgres/roles.ts'
import { type TestDatabase, testDatabase } from './database.ts'

export type Handler = { fetch: (request: Request) => Response | Promise<Response> }
type Module = { default: Handler; close?: () => Promise<void> }

export const ORIGIN = 'http://localhost:8480'
export const EDGE_TOKEN = 'edge-token-of-the-tests'

export type SeededPerson = { id: string; name: string; email: string; staff_role: string | null }
type PersonWish = {
  name?: string
  email?: string
  staff_role?: 'administrator' | 'staff' | 'assistant' | 'auditor' | null
  /** A PHC string; none: the person has not joined yet. */
  password_hash?: string | null
  organisation_id?: string | null
  locale?: 'de' | 'en' | 'sv'
}

export type Stage = Awaited<ReturnType<typeof setStage>>

/**
 * A migrated database of its own, secrets for it, and the environment. Call it once, at the top of the test file.
 *
 * @param more further secrets by name (store-app, …) and environment variables
 */
export async function setStage(
  more: { secrets?: Record<string, string>; env?: Record<string, string> } = {}
) {
  const closers: (() => unknown)[] = []
  // Node's hooks run first in, first out: handlers must let go before testDatabase() drops the database.
  after(async () => {
    for (const close of closers.toReversed()) await close()
  })
  const database = await testDatabase()
  const folder = mountSecrets(database, more.secrets ?? {})
  closers.push(() => rmSync(folder, { recursive: true, force: true }))
  Object.assign(process.env, {
    ORIGIN,
    PORT: '0',
    LOG_LEVEL: 'error',
    secret_mount_path: folder,
    ...more.env
  })
  // Seeds and looks: above row-level security.
  const owner = new pg.Pool({ connectionString: database.url(SUPERUSER), max: 4 })
  owner.on('error', () => undefined)
  closers.push(() => owner.end())

  return {
    database,
    owner,
    secrets: folder,

    /** Imports functions/NAME/handler.ts into this process. */
    handler: async (name: string): Promise<Handler> => {
      const module: Module = await import(new URL(`../../functions/${name}/handler.ts`, import.meta.url).href)
      closers.push(() => module.close?.())
      return module.default
    },

    ...seedsOf(owner)
  }
}

/** Rows as the portal's own doors would leave them, in any database. `owner`: above row-level security. */
export const seedsOf = (owner: pg.Pool) => ({
  seedFirm: (name = 'Kanzlei Test') => seedFirm(owner, name),
  seedPerson: (wish: PersonWish = {}) => seedPerson(owner, wish),
  seedOrganisation: (name = 'Client Ltd') => insert(owner, 'organisation', { name }),
  seedProject: (wish: { name?: string; client_id?: string | null } = {}) => seedProject(owner, wish),
  seedGrant: (wish: GrantWish) => seedGrant(owner, wish),
  signIn: (person: { id: string }, factors: 1 | 2 = 2) => signIn(owner, person.id, factors)
})
/** What is needed to make a world: seeds, the rows themselves, and the store behind all keys. */
export type Seeds = ReturnType<typeof seedsOf> & { owner: pg.Pool; store: { s3: S3Client } }

function mountSecrets(database: TestDatabase, more: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'portico-secrets-'))
  const master = randomBytes(32)
  const values: Record<string, string> = {
    'db-app': database.url('portico_app'),
    'db-intake': database.url('portico_intake'),
    'db-pipeline': database.url('portico_pipeline'),
    'db-web': database.url('portico_web'),
    'intake-token': 'intake-token-of-the-tests',
    'edge-token': EDGE_TOKEN,
    'job-signing-key': master.toString('base64'),
    'data-key': randomBytes(32).toString('base64'),
    ...more
  }
  for (const name of ['scan', 'preview', 'archive', 'watermark', 'notify', 'clock', 'automations'])
    values[`job-key-${name}`] = Buffer.from(jobKey(master, name)).toString('base64')
  for (const [name, value] of Object.entries(values))
    writeFileSync(join(folder, name), value, { mode: 0o600 })
  return folder
}

type Value = string | number | boolean | Buffer | string[] | null

/** Inserts a row and gives its id. Column names are the test's own. */
async function insert(on: pg.Pool, table: string, values: Record<string, Value>): Promise<string> {
  const names = Object.keys(values)
  const places = names.map((_, index) => `$${index + 1}`)
  const made = await on.query<{ id: string }>(
    `insert into ${table} (${names.join(', ')}) values (${places.join(', ')}) returning id`,
    Object.values(values)
  )
  return made.rows[0]?.id ?? ''
}

/** The firm and the root of its tree, once; the root's id. */
async function seedFirm(on: pg.Pool, name: string): Promise<string> {
  const known = await on.query<{ node_id: string }>('select node_id from firm')
  if (known.rows[0]) return known.rows[0].node_id
  const node = randomUUID()
  await on.query(
    `insert into node (id, kind, name, path, scope_id) values ($1::uuid, 'firm', $2, array[$1::uuid], $1::uuid)`,
    [node, name]
  )
  await on.query('insert into firm (node_id, name) values ($1, $2)', [node, name])
  return node
}

async function seedPerson(on: pg.Pool, wish: PersonWish): Promise<SeededPerson> {
  await seedFirm(on, 'Kanzlei Test')
  const email = wish.email ?? `person-${randomUUID()}@example.org`
  const person = { name: wish.name ?? 'Some Body', email, staff_role: wish.staff_role ?? null }
  const id = await insert(on, 'person', {
    ...person,
    email_key: email.normalize('NFKC').toLowerCase(),
    password_hash: wish.password_hash === undefined ? '$argon2id$seeded' : wish.password_hash,
    locale: wish.locale ?? 'en'
  })
  if (wish.organisation_id)
    await on.query('insert into membership (person_id, organisation_id) values ($1, $2)', [
      id,
      wish.organisation_id
    ])
  return { id, ...person }
}

async function seedProject(on: pg.Pool, wish: { name?: string; client_id?: string | null }): Promise<string> {
  const firm = await seedFirm(on, 'Kanzlei Test')
  const id = randomUUID()
  await on.query(
    `insert into node (id, kind, parent_id, project_id, client_id, name, path, scope_id)
     values ($1::uuid, 'project', $2::uuid, $1::uuid, $3, $4, array[$2::uuid, $1::uuid], $1::uuid)`,
    [id, firm, wish.client_id ?? null, wish.name ?? 'Annual accounts']
  )
  return id
}

type GrantWish = {
  person_id?: string
  organisation_id?: string
  node_id?: string
  document_id?: string
  level: 1 | 2 | 3 | 4
  allows?: boolean
  own_only?: boolean
}

const seedGrant = (on: pg.Pool, wish: GrantWish): Promise<string> =>
  insert(on, 'access_grant', {
    person_id: wish.person_id ?? null,
    organisation_id: wish.organisation_id ?? null,
    node_id: wish.node_id ?? null,
    document_id: wish.document_id ?? null,
    level: wish.level,
    allows: wish.allows ?? true,
    own_only: wish.own_only ?? false
  })

/** A session as sign-in would leave it, without the doors in front of it; the value of the Cookie header. */
async function signIn(on: pg.Pool, person: string, factors: 1 | 2): Promise<string> {
  const token = randomBytes(32).toString('base64url')
  await on.query(
    `insert into session (token_hash, person_id, factors, expires_at) values ($1, $2, $3, now() + interval '1 day')`,
    [createHash('sha256').update(token).digest(), person, factors]
  )
  return `portico=${token}`
}

export type CallWish = {
  body?: unknown
  cookie?: string
  /** null: no Origin header at all. */
  origin?: string | null
  address?: string
  headers?: Record<string, string>
}

/** One call as web makes it for a browser: our Origin, the client's address, and the cookie if there is one. */
export async function call(
  handler: Handler,
  method: string,
  path: string,
  wish: CallWish = {}
): Promise<Response> {
  const headers = new Headers(wish.headers)
  if (wish.origin !== null) headers.set('origin', wish.origin ?? ORIGIN)
  if (wish.cookie) headers.set('cookie', wish.cookie)
  headers.set('x-portico-edge-token', EDGE_TOKEN)
  headers.set('x-portico-client-address', wish.address ?? '198.51.100.7')
  const body = wish.body === undefined ? null : JSON.stringify(wish.body)
  if (body !== null) headers.set('content-type', 'application/json')
  return handler.fetch(new Request(`http://function.local${path}`, { method, headers, body }))
}

/** The cookie that an answer sets, as the browser would send it back; null when it sets none. */
export const cookieOf = (answer: Response): string | null =>
  answer.headers.getSetCookie().at(0)?.split(';')[0] ?? null

/** The code of a problem answer. */
export async function problemCode(answer: Response): Promise<string> {
  const body: unknown = await answer.json()
  return body !== null && typeof body === 'object' && 'code' in body ? String(body.code) : ''
}
