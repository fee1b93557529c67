/**
 * Nothing is deleted from the store while a backup is under way: what its copy of the database names is then in its
 * copy of the objects, which is made after it (docs/decisions/backups.md). A lock of a database session, so it ends
 * with the backup, however that ends.
 */
import type pg from 'pg'

/** The number means nothing but this. */
const HOLD = 7_460_231

/** Waits until what is just being deleted is gone, then keeps others from beginning. The answer lets them go on. */
export async function holdDeletions(client: pg.ClientBase): Promise<() => Promise<void>> {
  await client.query('select pg_advisory_lock($1)', [HOLD])
  return async () => {
    await client.query('select pg_advisory_unlock($1)', [HOLD])
  }
}

/** Does `work`, which deletes, unless a backup is under way: then null. One that begins meanwhile waits for its end. */
export async function unlessHeld<T>(pool: pg.Pool, work: () => Promise<T>): Promise<T | null> {
  const client = await pool.connect()
  let broken: Error | undefined
  try {
    const { rows } = await client.query<{ free: boolean }>('select pg_try_advisory_lock_shared($1) as free', [
      HOLD
    ])
    if (!rows[0]?.free) return null
    try {
      return await work()
    } finally {
      await client
        .query('select pg_advisory_unlock_shared($1)', [HOLD])
        .catch((error: Error) => (broken = error))
    }
  } finally {
    client.release(broken)
  }
}
