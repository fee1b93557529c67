/** The first administrator's door: a one-time link, as long as there is no firm. */
import { createHash, randomBytes } from 'node:crypto'
import pg from 'pg'
import { appendAudit } from '../../functions/_shared/db/audit.ts'

/**
 * A new link; earlier ones that nobody used end with it.
 *
 * @param owner_url of portico_owner: no other role may make one
 * @returns null when the firm is already set up
 */
export async function makeSetupLink(owner_url: string, origin: string): Promise<string | null> {
  const client = new pg.Client({ connectionString: owner_url })
  await client.connect()
  try {
    const firm = await client.query('select from firm')
    if (firm.rowCount) return null
    const secret = randomBytes(32).toString('base64url')
    const hash = createHash('sha256').update(secret, 'utf8').digest()
    await client.query(
      `update one_time_link set expires_at = now() where purpose = 'setup' and used_at is null and expires_at > now()`
    )
    const made = await client.query<{ id: string }>(
      `insert into one_time_link (secret_hash, purpose, expires_at) values ($1, 'setup', now() + interval '1 day') returning id`,
      [hash]
    )
    return `${origin}/setup/${made.rows[0]?.id}#${secret}`
  } finally {
    await client.end()
  }
}

/**
 * Break-glass, when nobody gets in by the provider any more: staff may sign in with passwords again. It is in the log.
 *
 * @param owner_url of portico_owner: who holds it could do anything
 * @returns false when they were not switched off
 */
export async function switchPasswordsOn(owner_url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: owner_url })
  await client.connect()
  try {
    await client.query('begin')
    const changed = await client.query(
      'update identity_provider set passwords_off = false, changed_at = now() where passwords_off'
    )
    const facts = { fields: 'passwords_off', passwords_off: false, by: 'command line' }
    if (changed.rowCount) await appendAudit(client, [{ action: 'provider.changed', actor_id: null, facts }])
    await client.query('commit')
    return changed.rowCount === 1
  } finally {
    await client.end()
  }
}

/** The store was away and is back: look at once at what came lately. Nothing is lost if this fails; a minute later the schedule does it. */
export async function askForReconciliation(pipeline_url: string): Promise<void> {
  const client = new pg.Client({
    connectionString: pipeline_url,
    connectionTimeoutMillis: 5_000,
    query_timeout: 30_000
  })
  client.on('error', () => undefined) // the query tells it; unheard it would end the whole portal
  await client.connect()
  try {
    await client.query(`select job_add('clock', '{"act": "reconcile_recent"}', '', 'reconcile_recent')`)
  } finally {
    await client.end()
  }
}
