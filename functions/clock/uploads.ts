/** Uploads that nobody completed: those whose object is there arrive, those left alone for a day are let go. */
import { z } from 'zod'
import { Id } from '../_shared/contract/common.ts'
import { row, rows, run } from '../_shared/db/database.ts'
import { DOCUMENTS, originalKey } from '../_shared/storage/buckets.ts'
import { abortMultipart, listVersions } from '../_shared/storage/versions.ts'
import { FIRST, type Slice, database, sql, store } from './context.ts'
import { compare } from './reconcile.ts'

const BATCH = 200
/** Keys looked for at the same time. */
const AT_ONCE = 16

const Open = z.object({ id: Id, document_id: Id, version_id: Id })

/** Open uploads that began before `before`, beyond the recent part of the listing: is their object there? */
export async function lookForObjects(before: Date, timeIsUp: () => boolean): Promise<number> {
  let found = 0
  for (let last = FIRST; !timeIsUp();) {
    const uploads = await rows(database.pool, sql('open_uploads'), [before.toISOString(), last, BATCH], Open)
    for (let i = 0; i < uploads.length; i += AT_ONCE)
      found += (await Promise.all(uploads.slice(i, i + AT_ONCE).map(lookFor))).reduce((a, b) => a + b, 0)
    const end = uploads.at(-1)
    if (!end || uploads.length < BATCH) break
    last = end.id
  }
  return found
}

async function lookFor(upload: z.infer<typeof Open>): Promise<number> {
  const page = await listVersions(store(), DOCUMENTS, {
    prefix: originalKey(upload.document_id, upload.version_id)
  })
  return compare(DOCUMENTS, page.versions)
}

const Abandoned = z.object({ id: Id, project_id: Id })
const Locked = Open.extend({ person_id: Id, project_id: Id, store_upload_id: z.string().nullable() })

/** Sweeps uploads untouched for a day. Their parts are given up, and never anything that was received. */
export async function sweepUploads(after: string | null, timeIsUp: () => boolean): Promise<Slice<string>> {
  let last = after ?? FIRST
  let found = 0
  for (;;) {
    const uploads = await rows(database.pool, sql('abandoned'), [last, BATCH], Abandoned)
    for (const upload of uploads) {
      found += (await sweep(upload)) ? 1 : 0
      last = upload.id
      if (timeIsUp()) return { found, cursor: last }
    }
    if (uploads.length < BATCH) return { found, cursor: null }
  }
}

/** One upload, with its row locked, so that somebody who completes it at this very moment wins or loses cleanly. */
function sweep(one: z.infer<typeof Abandoned>): Promise<boolean> {
  return database.transaction([one.project_id], async (session, acts) => {
    const upload = await row(session, sql('lock_abandoned'), [one.id], Locked)
    if (!upload) return false
    const key = originalKey(upload.document_id, upload.version_id)
    const there = await listVersions(store(), DOCUMENTS, { prefix: key })
    const came = await compare(DOCUMENTS, there.versions) // after all: it arrives as any other
    if (came > 0 || (await row(session, sql('arriving'), [key], z.unknown()))) return false
    if (upload.store_upload_id) await abortMultipart(store(), DOCUMENTS, key, upload.store_upload_id)
    await run(session, sql('sweep'), [upload.id])
    acts.push({
      action: 'upload.swept',
      actor_id: null,
      project_id: upload.project_id,
      document_id: null,
      subject_id: upload.id,
      facts: { uploader: upload.person_id }
    })
    return true
  })
}
