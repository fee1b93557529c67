/**
 * Reconciliation each minute: what lately came into the store and the inbox has never heard of is written into the inbox,
 * as the event would have. Events get lost by design (docs/architecture.md); nothing else is lost as long as this runs.
 * Everything is compared at night (walk.ts).
 */
import { z } from 'zod'
import { type Session, row, rows } from '../_shared/db/database.ts'
import { DOCUMENTS, DROPS } from '../_shared/storage/buckets.ts'
import { type ListedVersion, listVersions } from '../_shared/storage/versions.ts'
import { type Slice, database, sql, store } from './context.ts'

/** Milliseconds that a look at recent keys reaches back before the last one: clocks differ, calls get lost. */
const OVERLAP = 60 * 60 * 1000

export const Cursor = z.object({
  bucket: z.enum([DOCUMENTS, DROPS]),
  key: z.string(),
  object_version_id: z.string().nullable(),
  /** When the act began: the next one reaches back to here. */
  began_at: z.iso.datetime(),
  /** Only what is younger counts; null: everything. */
  since: z.iso.datetime().nullable()
})
export type Cursor = z.infer<typeof Cursor>

/** Each version of each key of both buckets. */
const everything = (now: Date): Cursor => ({
  bucket: DOCUMENTS,
  key: '',
  object_version_id: null,
  began_at: now.toISOString(),
  since: null
})

/**
 * What came lately. Keys of the documents bucket begin with a uuidv7, so their listing can begin at a time; the drop
 * bucket's keys are chosen by others and are all listed.
 */
export async function recent(now: Date): Promise<Cursor> {
  const mark = await row(database.pool, sql('mark'), ['reconciled'], z.object({ at: z.string() }))
  const since = new Date(Math.min(now.getTime(), mark ? Date.parse(mark.at) : 0) - OVERLAP)
  const from = new Date(Math.max(0, since.getTime()))
  return { ...everything(now), key: firstKeyOf(from), since: from.toISOString() }
}

/** The smallest key that a document made at this moment may have (RFC 9562 section 5.7: 48 bits of milliseconds). */
export function firstKeyOf(moment: Date): string {
  const hex = Math.max(0, moment.getTime()).toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}`
}

/** Lists on from the cursor until the end or until the time is up. Memory holds one page of 1,000 at most. */
export async function reconcile(from: Cursor, timeIsUp: () => boolean): Promise<Slice<Cursor>> {
  let cursor: Cursor | null = from
  let found = 0
  while (cursor !== null) {
    const after = cursor.key === '' ? null : { key: cursor.key, object_version_id: cursor.object_version_id }
    const page = await listVersions(store(), cursor.bucket, { after })
    const since = cursor.since === null ? 0 : Date.parse(cursor.since)
    found += await compare(
      cursor.bucket,
      page.versions.filter((version) => version.modified_at.getTime() >= since)
    )
    cursor = nextCursor(cursor, page.next)
    if (cursor !== null && timeIsUp()) return { found, cursor }
  }
  await database.pool.query(sql('set_mark'), ['reconciled', from.began_at])
  return { found, cursor: null }
}

function nextCursor(
  cursor: Cursor,
  next: { key: string; object_version_id: string | null } | null
): Cursor | null {
  if (next) return { ...cursor, ...next }
  return cursor.bucket === DOCUMENTS ? { ...cursor, bucket: DROPS, key: '', object_version_id: null } : null
}

const Missing = z.object({
  key: z.string(),
  object_version_id: z.string(),
  kind: z.string(),
  size: z.number().nullable()
})

type Missing = z.infer<typeof Missing>

/** Writes what is missing of one page into the inbox; how many facts were new. */
export async function compare(bucket: string, versions: ListedVersion[]): Promise<number> {
  const missing = await missingOf(bucket, versions)
  if (missing.length === 0) return 0
  return database.transaction([], (session) => recordMissing(session, bucket, missing))
}

/** Of one page, what the inbox has never heard of. */
export async function missingOf(bucket: string, versions: ListedVersion[]): Promise<Missing[]> {
  if (versions.length === 0) return []
  return rows(
    database.pool,
    sql('missing'),
    [
      bucket,
      versions.map((version) => version.key),
      versions.map((version) => version.object_version_id),
      versions.map((version) => version.kind),
      versions.map((version) => version.size)
    ],
    Missing
  )
}

/** Into the inbox with it; how many facts were new after all. */
export async function recordMissing(session: Session, bucket: string, missing: Missing[]): Promise<number> {
  let found = 0
  for (const fact of missing) {
    const values = [bucket, fact.key, fact.object_version_id, fact.kind, fact.size]
    const added = await row(session, sql('record'), values, z.object({ is_new: z.boolean() }))
    found += added?.is_new ? 1 : 0
  }
  return found
}
