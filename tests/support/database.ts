/**
 * Real PostgreSQL for tests: one server for a run (started by tests/run.ts, or by the first file that has none), one
 * migrated template, a clone of it for each test file.
 */
import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import pg from 'pg'
import { migrate } from '../../infra/postgres/migrate.ts'
import {
  type Passwords,
  ROLES,
  type Role,
  SUPERUSER,
  databaseUrl,
  makeDatabase,
  makeRoles
} from '../../infra/postgres/roles.ts'
import { startPostgres } from '../../infra/postgres/server.ts'

/** Tells test files which server to use: `PORT:PASSWORD`, one password for all roles. */
const VARIABLE = 'PORTICO_TEST_POSTGRES'
const TEMPLATE = 'portico_template'

/** Nothing here outlives the run: no waiting for the disk. */
const SETTINGS = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '200' }

type Server = { port: number; password: string }

/**
 * Starts a server for a run of tests, with a migrated template, and tells it to child processes by the environment.
 *
 * @returns stops it and removes its data
 */
export async function offerDatabase(): Promise<() => Promise<void>> {
  // Not mkdtemp: its 0700 would shut out the user postgres when the tests run as root.
  const data = join(tmpdir(), `portico-test-${randomBytes(6).toString('hex')}`)
  const password = randomBytes(16).toString('hex')
  const passwords = Object.fromEntries([...ROLES, SUPERUSER].map((role) => [role, password])) as Passwords
  const server = await startPostgres({ data, port: 0, passwords, settings: SETTINGS })
  const stop = async () => {
    delete process.env[VARIABLE]
    await server.stop()
    process.off('exit', abandon)
    rmSync(data, { recursive: true, force: true })
  }
  // The last way out, for a test process that ends by an error nobody caught: no promise is waited for any more.
  const abandon = () => {
    process.kill(server.pid, 'SIGQUIT')
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500)
    rmSync(data, { recursive: true, force: true })
  }
  process.on('exit', abandon)
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void stop().then(() => process.exit(1)))
  await makeRoles(server.url(SUPERUSER), passwords)
  await withClient(server.url(SUPERUSER), (client) => makeDatabase(client, TEMPLATE))
  await migrate(server.url('portico_owner', TEMPLATE))
  process.env[VARIABLE] = `${server.port}:${password}`
  return stop
}

const closers: (() => Promise<unknown>)[] = []

/** After the file's tests, in the reverse order: node's own hooks run first in, first out. */
function closeLast(close: () => Promise<unknown>): void {
  if (closers.length === 0)
    after(async () => {
      for (const one of closers.toReversed()) await one()
    })
  closers.push(close)
}

let own: Promise<Server> | undefined

/** The run's server, or one for this process alone that ends with its tests. */
function theServer(): Promise<Server> {
  own ??= (async () => {
    let offered = process.env[VARIABLE]
    if (!offered) {
      closeLast(await offerDatabase())
      offered = process.env[VARIABLE] ?? ''
    }
    const [port, password] = offered.split(':')
    return { port: Number(port), password: password ?? '' }
  })()
  return own
}

export type TestDatabase = {
  name: string
  /** A connection URL for each role; the superuser's is for what no role may do. */
  url: (role: Role | typeof SUPERUSER) => string
  /** A connected client that is closed after the file's tests. */
  client: (role: Role | typeof SUPERUSER) => Promise<pg.Client>
  /** A pool that is closed after the file's tests. */
  pool: (role: Role | typeof SUPERUSER, max?: number) => pg.Pool
}

/** A migrated database of its own for this test file; gone after its tests. Call it once, at the top of the file. */
export async function testDatabase(): Promise<TestDatabase> {
  const server = await theServer()
  const name = `portico_${randomBytes(6).toString('hex')}`
  const urlOf = (role: string, database: string) => databaseUrl(server.port, role, server.password, database)
  await withClient(urlOf(SUPERUSER, 'postgres'), async (client) => {
    // Cloning refuses a template that somebody is connected to, another clone included: one after the other.
    await client.query(`select pg_advisory_lock(hashtext('portico_clone'))`)
    await makeDatabase(client, name, TEMPLATE)
  })
  // Pools that were ended may still be hanging up: the server waits five seconds for them before anybody is cut off.
  closeLast(() =>
    withClient(urlOf(SUPERUSER, 'postgres'), (client) =>
      client.query(`drop database ${name}`).catch(() => client.query(`drop database ${name} with (force)`))
    )
  )
  const url: TestDatabase['url'] = (role) => urlOf(role, name)
  return {
    name,
    url,
    client: async (role) => {
      const client = new pg.Client({ connectionString: url(role) })
      await client.connect()
      closeLast(() => client.end())
      return client
    },
    pool: (role, max = 16) => {
      const pool = new pg.Pool({ connectionString: url(role), max })
      closeLast(() => pool.end())
      return pool
    }
  }
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}
