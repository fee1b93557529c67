/** The function's one pool. */
import { secret } from '../_shared/config.ts'
import { openDatabase } from '../_shared/db/database.ts'

export const database = openDatabase(secret('db-app'))
