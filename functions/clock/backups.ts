/** Administrators are told by mail, once a day, while a backup is late or one could not be brought back to life. */
import { z } from 'zod'
import { row } from '../_shared/db/database.ts'
import { database } from './context.ts'

/** How many were told now. */
export async function tellOfBackups(): Promise<number> {
  const told = await row(database.pool, 'select backup_tell() as told', [], z.object({ told: z.int() }))
  return told?.told ?? 0
}
