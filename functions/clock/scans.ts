/** What was scanned with older signatures is scanned again, a few a minute; administrators are told of a scanner that is no use. */
import { z } from 'zod'
import { row } from '../_shared/db/database.ts'
import { database } from './context.ts'

/** Versions a minute: 14,400 a day, one at a time. */
const BATCH = 10

/** How many scans were added and people told now. */
export async function lookAfterScans(): Promise<number> {
  const text = 'select rescan_add($1) + scanner_tell() as found'
  const done = await row(database.pool, text, [BATCH], z.object({ found: z.int() }))
  return done?.found ?? 0
}
