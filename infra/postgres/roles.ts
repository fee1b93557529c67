/** The five roles of a Portico database, and the database itself. Made by the starter; grants are in the migrations. */
import pg from 'pg'

/** Who may do what is in migrations/0003_security.sql. The owner migrates; no service runs as it. */
export const ROLES = [
  'portico_owner',
  'portico_app',
  'portico_intake',
  'portico_pipeline',
  'portico_web'
] as const
export type Role = (typeof ROLES)[number]

/** The superuser that the starter uses, and nobody else. */
export const SUPERUSER = 'postgres'

/** A password for each role; long and random, they are never typed. */
export type Passwords = Record<Role | typeof SUPERUSER, string>

export const DATABASE = 'portico'

/** A connection URL for a role of a server on loopback. */
export function databaseUrl(port: number, role: string, password: string, database: string): string {
  const url = new URL(`postgres://127.0.0.1:${port}/${encodeURIComponent(database)}`)
  url.username = role
  url.password = encodeURIComponent(password)
  return url.href
}

/**
 * Makes the roles with these passwords (or gives them to roles that exist) and the database, owned by portico_owner.
 * Runs as often as one likes; each start calls it, so that a new password file is enough to change a password.
 *
 * @param superuser_url to any database of the server
 */
export async function makeRoles(superuser_url: string, passwords: Passwords): Promise<void> {
  const client = new pg.Client({ connectionString: superuser_url })
  await client.connect()
  try {
    // Two starters at once would both find a role missing and the slower one fail.
    await client.query(`select pg_advisory_lock(hashtext('portico_roles'))`)
    for (const role of ROLES) {
      const { rowCount } = await client.query('select from pg_roles where rolname = $1', [role])
      const verb = rowCount ? 'alter' : 'create'
      const attributes = 'login nosuperuser nocreatedb nocreaterole noreplication nobypassrls'
      await client.query(`${verb} role ${role} ${attributes} password ${pg.escapeLiteral(passwords[role])}`)
    }
    await makeDatabase(client, DATABASE)
  } finally {
    await client.end()
  }
}

/** Makes an empty database owned by portico_owner, unless it is there; others may connect only where a grant says so. */
export async function makeDatabase(client: pg.ClientBase, name: string, template?: string): Promise<void> {
  const { rowCount } = await client.query('select from pg_database where datname = $1', [name])
  const quoted = pg.escapeIdentifier(name)
  if (!rowCount) {
    const from = template ? `template ${pg.escapeIdentifier(template)}` : ''
    await client.query(`create database ${quoted} owner portico_owner ${from}`)
  }
  await client.query(`revoke all on database ${quoted} from public`)
  await client.query(`grant connect on database ${quoted} to ${ROLES.join(', ')}`)
}
