/** The function's one pool, and the limits of guessing. */
import { secret } from '../_shared/config.ts'
import { openDatabase } from '../_shared/db/database.ts'
import { openLimits } from '../_shared/limits.ts'

export const database = openDatabase(secret('db-app'))
export const limits = openLimits(database)
