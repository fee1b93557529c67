/** What the clock's acts work with, and the time they have. */
import type { S3Client } from '@aws-sdk/client-s3'
import { secret, storeSecret } from '../_shared/config.ts'
import { blocks, openDatabase } from '../_shared/db/database.ts'
import { storeClient } from '../_shared/storage/client.ts'

export const sql = blocks<
  | 'missing'
  | 'record'
  | 'mark'
  | 'set_mark'
  | 'open_uploads'
  | 'abandoned'
  | 'lock_abandoned'
  | 'arriving'
  | 'sweep'
  | 'stuck'
  | 'again'
  | 'forget_sessions'
  | 'forget_devices'
  | 'forget_addresses'
  | 'forget_idempotency'
  | 'forget_limits'
  | 'forget_jobs'
  | 'forget_deliveries'
  | 'add_shelf'
  | 'due_trash'
  | 'empty'
  | 'emptied'
  | 'documents_of'
  | 'erase_versions'
  | 'versions_of'
  | 'erase_pages'
  | 'erase_comments'
  | 'is_folder'
  | 'erased'
>(new URL('./clock.sql', import.meta.url))

export const database = openDatabase(secret('db-pipeline'), 4, 110_000)

let client: S3Client | undefined
/** The clock's own key: the only one that may delete. */
export const store = (): S3Client => (client ??= storeClient(storeSecret('store-clock')))

/** Milliseconds that one call works; what is left goes on in the next, where the cursor says. */
const SLICE = 25_000

/** The id before all others. */
export const FIRST = '00000000-0000-0000-0000-000000000000'

/** How far an act has come in this call. */
export type Slice<Cursor> = { found: number; cursor: Cursor | null }

/** True once the call should come to its end. */
export function slice(): () => boolean {
  const end = Date.now() + SLICE
  return () => Date.now() > end
}
