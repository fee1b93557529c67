/**
 * Applies migrations/NNNN_name.sql in their order, each once and in one transaction of its own, forward only.
 *
 *   node infra/postgres/migrate.ts POSTGRES_URL_OF_PORTICO_OWNER
 */
import { readFileSync, readdirSync } from 'node:fs'
import pg from 'pg'

const FOLDER = new URL('./migrations/', import.meta.url)

/** The names of all migrations, first to last. Throws if one is misnamed or a number is used twice. */
export function migrations(): string[] {
  const names = readdirSync(FOLDER)
    .filter((file) => file.endsWith('.sql'))
    .sort()
  names.forEach((name, index) => {
    if (!/^\d{4}_[a-z_]+\.sql$/.test(name)) throw new Error(`${name} is not called NNNN_name.sql`)
    if (name.slice(0, 4) === names[index - 1]?.slice(0, 4))
      throw new Error(`${name}: the number is used twice`)
  })
  return names
}

/** The database knows migrations that are not here: a newer version of this program has been there. */
export class DatabaseIsNewer extends Error {
  constructor(names: string[]) {
    super(
      `The database is newer than this program: it has ${names.join(', ')}. Start the version that was here last, or ` +
        'go back to this one with ROLLBACK=true (docs/guide/upgrade.md).'
    )
  }
}

/**
 * Brings the database up to date.
 *
 * @param owner_url of portico_owner
 * @param rollback goes on with a newer database as it is: every migration lets the version before it work
 * @returns the names of what was applied now
 * @throws DatabaseIsNewer, or when a migration fails (the ones before it stay)
 */
export async function migrate(owner_url: string, rollback = false): Promise<string[]> {
  const client = new pg.Client({ connectionString: owner_url })
  await client.connect()
  try {
    // Two starters at once: the second waits here and then finds nothing to do.
    await client.query(`select pg_advisory_lock(hashtext('portico_migrate'))`)
    await client.query(
      'create table if not exists migration (name text primary key, applied_at timestamptz not null default now())'
    )
    const applied = await client.query<{ name: string }>('select name from migration')
    const done = new Set(applied.rows.map((row) => row.name))
    const known = migrations()
    const foreign = [...done].filter((name) => !known.includes(name))
    const open = known.filter((name) => !done.has(name))
    // Neither older nor newer: nobody has tried these together.
    if (foreign.length > 0 && (!rollback || open.length > 0)) throw new DatabaseIsNewer(foreign)
    for (const name of open) await applyOne(client, name)
    return open
  } finally {
    await client.end()
  }
}

async function applyOne(client: pg.Client, name: string): Promise<void> {
  await client.query('begin')
  try {
    await client.query(readFileSync(new URL(name, FOLDER), 'utf8'))
    await client.query('insert into migration (name) values ($1)', [name])
    await client.query('commit')
  } catch (cause) {
    await client.query('rollback')
    throw new Error(`migration ${name} failed: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause
    })
  }
}

if (import.meta.main) {
  const url = process.argv[2]
  if (!url) throw new Error('usage: node infra/postgres/migrate.ts POSTGRES_URL_OF_PORTICO_OWNER')
  for (const name of await migrate(url)) console.log(`applied ${name}`)
}
