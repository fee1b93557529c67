/** A data folder as a backup finds it: whether its database runs, and how one gets in. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { DATABASE, type Passwords, ROLES, SUPERUSER, databaseUrl } from '../postgres/roles.ts'
import { BackupProblem } from './problem.ts'

const secretIn = (data: string, name: string): string => {
  const file = join(data, 'secrets', name)
  if (!existsSync(file))
    throw new BackupProblem(
      'usage',
      `${data} is no data folder of a Portico: it has no ${`secrets/${name}`}.`
    )
  return readFileSync(file, 'utf8').trim()
}

/** The database's passwords in the secrets of a folder. Throws usage when it is no data folder. */
export const passwordsIn = (data: string): Passwords =>
  Object.fromEntries(
    [...ROLES, SUPERUSER].map((role) => [role, secretIn(data, `password-${role}`)])
  ) as Passwords

/** The store's two secrets. */
export const storeSecretsIn = (data: string): { root_password: string; kms_key: string } => ({
  root_password: secretIn(data, 'store-root'),
  kms_key: secretIn(data, 'store-kms')
})

/** The superuser's address of the running portal's database; `database` is `portico` where none is named. */
export function superuserUrl(data: string, database = DATABASE): string {
  const password = secretIn(data, `password-${SUPERUSER}`)
  const ports = join(data, 'ports.json')
  const port = existsSync(ports) ? Number(JSON.parse(readFileSync(ports, 'utf8')).postgres) : 0
  if (!port) throw new BackupProblem('database_away', `Portico was never started on ${data}.`)
  return databaseUrl(port, SUPERUSER, password, database)
}

/** Connects to the running database. Throws database_away. */
export async function connect(data: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: superuserUrl(data), connectionTimeoutMillis: 5_000 })
  client.on('error', () => undefined) // the next query tells it
  try {
    await client.connect()
    return client
  } catch (cause) {
    throw new BackupProblem(
      'database_away',
      `The database of ${data} does not answer: start Portico on it (npm start) and try again.`,
      {},
      cause
    )
  }
}
