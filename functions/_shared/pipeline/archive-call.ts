/** The call for an archive's next slice: what may be read, where it goes, and nothing else. */
import { z } from 'zod'
import type { ArchiveCursor, ArchiveRequest } from '../contract/archive-job.ts'
import { Id, Time } from '../contract/common.ts'
import { VersionState } from '../contract/document.ts'
import { blocks, row, run } from '../db/database.ts'
import { DERIVED, DOCUMENTS, archiveKey, archivePrefix } from '../storage/buckets.ts'
import { beginMultipart } from '../storage/multipart.ts'
import type { Call, Deps, Job } from './kind.ts'

const sql = blocks<'open' | 'begin'>(new URL('./archive.sql', import.meta.url))

/** Seconds: 20 of reading, and what was read has to be sent. */
const LIMIT = 50
/** Seconds that presigned URLs outlive the call. */
const GRACE = 30
/** A slice may be set smaller than 1 GiB or 500 files, whichever comes first. */
export const ArchiveJob = z.object({
  archive_id: Id,
  project_id: Id,
  parts: z.int().min(2).default(64),
  files: z.int().min(1).default(500)
})
export type ArchiveJob = z.infer<typeof ArchiveJob>

export const Open = z.object({
  id: Id,
  person_id: Id,
  project_id: Id,
  part_size: z.int(),
  upload_id: z.string().nullable(),
  created_at: Time
})
export type Open = z.infer<typeof Open>

export const Next = z.object({
  place: z.int(),
  version_id: Id,
  path: z.string(),
  size: z.number(),
  sha256: z.string(),
  at: Time.nullable(),
  object_key: z.string().nullable(),
  object_version_id: z.string().nullable(),
  current_version_id: Id.nullable(),
  state: VersionState.nullable(),
  level: z.enum(['none', 'view', 'download', 'contribute', 'manage'])
})
export type Next = z.infer<typeof Next>

export async function callFor(
  job: Job,
  deps: Deps,
  open: Open,
  cursor: ArchiveCursor | null,
  next: Next[],
  { parts }: ArchiveJob
): Promise<Call> {
  const { signer } = deps
  const seconds = LIMIT + GRACE
  const upload_id = open.upload_id ?? (await begin(deps, open))
  const first = cursor?.part ?? 1
  // Named after the claim: a call that was given up and still writes does not write over this one's.
  const key = `${archivePrefix(open.id)}${job.token}`
  const body: ArchiveRequest = {
    job: job.id,
    kind: 'archive',
    attempt: job.attempt,
    cursor,
    part_size: open.part_size,
    files: await Promise.all(
      within(next, parts * open.part_size).map(async (file) => ({
        place: file.place,
        path: file.path,
        size: file.size,
        sha256: file.sha256,
        at: file.at ?? open.created_at,
        url: await signer.get({
          bucket: DOCUMENTS,
          key: file.object_key ?? '',
          version_id: file.object_version_id ?? '',
          seconds
        })
      }))
    ),
    parts: await Promise.all(
      Array.from({ length: parts }, (_, index) => first + index).map(async (number) => ({
        number,
        url: await signer.put({
          bucket: DERIVED,
          key: archiveKey(open.id),
          part: { upload_id, number },
          seconds
        })
      }))
    ),
    carry: {
      key,
      put: await signer.put({ bucket: DERIVED, key, seconds }),
      get: cursor && (await signer.get({ bucket: DERIVED, key: cursor.carry.key, seconds }))
    }
  }
  return { function: 'archive', path: '/', body, limit_seconds: LIMIT }
}

/** No more files than the parts hold. */
function within(files: Next[], bytes: number): Next[] {
  let sum = 0
  return files.filter((file, index) => {
    const before = sum
    sum += file.size
    return index === 0 || before < bytes
  })
}

/** The store's id of the upload. Another claim may have been faster: theirs counts. */
async function begin(deps: Deps, open: Open): Promise<string> {
  const { pool } = deps.database
  const id = await beginMultipart(deps.store, DERIVED, archiveKey(open.id), 'application/zip')
  await run(pool, sql('begin'), [open.id, id])
  return (await row(pool, sql('open'), [open.id], Open))?.upload_id ?? id
}
