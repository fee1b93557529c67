/**
 * Nothing is deleted from the store while a backup is under way: what its copy of the database names is then in its
 * copy of the objects, which is made after it (docs/decisions/backups.md). A lock of a database session, so it ends
 * with the backup, however that ends.
 */
import type pg from 'pg'

/** The numbers mean nothing but this. Those who hold share the first, those who delete share the second. */
const HOLD = 7_460_231
const DELETING = 7_460_232

/**
 * Waits until what is just being deleted is gone, then keeps others from beginning. The answer lets them go on. Many may
 * hold at a time: what is new goes out also while a whole backup is made.
 */
export async function holdDeletions(client: pg.ClientBase): Promise<() => Promise<void>> {
  await client.query('select pg_advisory_lock_shared($1)', [HOLD])
  await client.query('select pg_advisory_lock($1)', [DELETING])
  await client.query('select pg_advisory_unlock($1)', [DELETING])
  return async () => {
    await client.query('select pg_advisory_unlock_shared($1)', [HOLD])
  }
}

/** Does `work`, which deletes, unless a backup is under way: then null. One that begins meanwhile waits for its end. */
export async function unlessHeld<T>(pool: pg.Pool, work: () => Promise<T>): Promise<T | null> {
  const client = await pool.connect()
  let broken: Error | undefined
  try {
    if (!(await mayDelete(client))) return null
    try {
      return await work()
    } finally {
      await client
        .query('select pg_advisory_unlock_shared($1)', [DELETING])
        .catch((error: Error) => (broken = error))
    }
  } finally {
    client.release(broken)
  }
}

/** Takes part in deleting, unless somebody holds it or is about to: who holds looks at DELETING after HOLD is theirs. */
async function mayDelete(client: pg.ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ begun: boolean }>('select pg_try_advisory_lock_shared($1) as begun', [
    DELETING
  ])
  if (!rows[0]?.begun) return false
  const { rows: held } = await client.query<{ free: boolean }>(
    'select case when pg_try_advisory_lock($1) then pg_advisory_unlock($1) else false end as free',
    [HOLD]
  )
  if (held[0]?.free) return true
  await client.query('select pg_advisory_unlock_shared($1)', [DELETING])
  return false
}
