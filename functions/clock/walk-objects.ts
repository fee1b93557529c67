/** Originals and drops: each version of each key against the inbox and the versions of the database. */
import { z } from 'zod'
import { Id } from '../_shared/contract/common.ts'
import type { Act } from '../_shared/db/audit.ts'
import { type Session, row, rows } from '../_shared/db/database.ts'
import { noticeIncident } from '../_shared/pipeline/incident.ts'
import { DOCUMENTS, DROPS } from '../_shared/storage/buckets.ts'
import { headObject } from '../_shared/storage/objects.ts'
import { type ListedVersion, listVersions } from '../_shared/storage/versions.ts'
import { database, store } from './context.ts'
import { missingOf, recordMissing } from './reconcile.ts'
import { MOST, walkSql } from './walk-sql.ts'
import type { After, Page } from './walk.ts'

const Unmet = z.object({
  id: Id,
  project_id: Id,
  document_id: Id,
  object_key: z.string(),
  object_version_id: z.string()
})
type Unmet = z.infer<typeof Unmet>

/** Objects asked for at the same time. */
const AT_ONCE = 16

const listing = (bucket: string, after: After) =>
  listVersions(store(), bucket, { after: after.key === '' ? null : after })

export async function documentsPage(after: After): Promise<Page> {
  const listed = await listing(DOCUMENTS, after)
  const { dangling, cut } = await danglingIn(after.key, listed.next?.key ?? null, listed.versions)
  // So much is gone that the page ends earlier: what lies beyond is looked at with the next one.
  const versions = cut === null ? listed.versions : listed.versions.filter((one) => isUpTo(one.key, cut))
  const missing = await missingOf(DOCUMENTS, versions)
  return {
    next: cut === null ? listed.next : { key: cut, object_version_id: null },
    write: async (session, acts) => {
      const inbox_rows = await recordMissing(session, DOCUMENTS, missing)
      const orphans = await keysOf(session, 'orphans', versions, true)
      for (const one of dangling) await noticeOnce(session, one, acts)
      return {
        tally: { objects: versions.length, inbox_rows, orphans: orphans.length, dangling: dangling.length },
        findings: [
          ...dangling.map(({ object_key: key, document_id }) => ({
            kind: 'dangling' as const,
            key,
            document_id
          })),
          ...orphans.map((key) => ({ kind: 'orphan' as const, key, document_id: null }))
        ]
      }
    }
  }
}

export async function dropsPage(after: After): Promise<Page> {
  const listed = await listing(DROPS, after)
  const missing = await missingOf(DROPS, listed.versions)
  return {
    next: listed.next,
    write: async (session) => {
      const inbox_rows = await recordMissing(session, DROPS, missing)
      const drops = await keysOf(session, 'orphan_drops', listed.versions, false)
      return {
        tally: { objects: listed.versions.length, inbox_rows, drops: drops.length },
        findings: drops.map((key) => ({ kind: 'drop' as const, key, document_id: null }))
      }
    }
  }
}

/** Byte order, as the store lists. */
const isUpTo = (key: string, end: string): boolean => Buffer.compare(Buffer.from(key), Buffer.from(end)) <= 0

/** Rows without an object in (after, end]. The listing is a moment old, so each is asked for by itself. */
async function danglingIn(
  after: string,
  end: string | null,
  versions: ListedVersion[]
): Promise<{ dangling: Unmet[]; cut: string | null }> {
  const there = versions.flatMap((one) =>
    one.kind === 'created' ? [`${one.key} ${one.object_version_id}`] : []
  )
  const unmet = await rows(database.pool, walkSql('unmet'), [after, end, there], Unmet)
  const asked = unmet.slice(0, MOST)
  const dangling: Unmet[] = []
  for (let i = 0; i < asked.length; i += AT_ONCE)
    await Promise.all(
      asked.slice(i, i + AT_ONCE).map(async (one) => {
        const head = await headObject(store(), DOCUMENTS, one.object_key, one.object_version_id)
        if (!head) dangling.push(one)
      })
    )
  return { dangling, cut: unmet.length > MOST ? (asked.at(-1)?.object_key ?? null) : null }
}

/** An incident the first time; every night after that it is counted only. */
async function noticeOnce(session: Session, one: Unmet, acts: Act[]): Promise<void> {
  const { id, project_id, document_id, object_key: key, object_version_id } = one
  if (await row(session, walkSql('noticed'), [key, object_version_id], z.unknown())) return
  const detail = { version_id: id, bucket: DOCUMENTS, key, object_version_id }
  await noticeIncident(session, acts, 'object_missing', detail, { project_id, document_id })
}

/** The last part of `<document>/<version>`, where it is one. */
const versionIn = (key: string): string | null => Id.safeParse(key.split('/')[1]).data ?? null

async function keysOf(
  session: Session,
  block: 'orphans' | 'orphan_drops',
  versions: ListedVersion[],
  with_version: boolean
): Promise<string[]> {
  const created = versions.filter((one) => one.kind === 'created')
  if (created.length === 0) return []
  const values: unknown[] = [created.map((one) => one.key), created.map((one) => one.object_version_id)]
  if (with_version) values.push(created.map((one) => versionIn(one.key)))
  return (await rows(session, walkSql(block), values, z.object({ key: z.string() }))).map((one) => one.key)
}
