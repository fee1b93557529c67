/** ZIPs that were ordered: their bytes go when their day is over, or when they failed or were given up. */
import { z } from 'zod'
import { Id } from '../_shared/contract/common.ts'
import { blocks, row, rows, run } from '../_shared/db/database.ts'
import { DERIVED, archiveKey, archivePrefix } from '../_shared/storage/buckets.ts'
import { deleteObject, listKeys } from '../_shared/storage/objects.ts'
import { abortMultipart } from '../_shared/storage/versions.ts'
import { FIRST, type Slice, database, store } from './context.ts'

const sql = blocks<'ended' | 'lock' | 'swept' | 'forget'>(new URL('./archives.sql', import.meta.url))

const BATCH = 50

const Ended = z.object({ id: Id })
const Locked = Ended.extend({ project_id: Id, state: z.string(), upload_id: z.string().nullable() })

export async function sweepArchives(after: string | null, timeIsUp: () => boolean): Promise<Slice<string>> {
  let found = 0
  for (let last = after ?? FIRST; ;) {
    const ended = await rows(database.pool, sql('ended'), [last, BATCH], Ended)
    for (const { id } of ended) {
      found += (await sweep(id)) ? 1 : 0
      last = id
      if (timeIsUp()) return { found, cursor: last }
    }
    if (ended.length < BATCH) break
  }
  await run(database.pool, sql('forget'))
  return { found, cursor: null }
}

/** One archive, its row locked: a slice that is just being applied comes before or finds it over. */
function sweep(id: string): Promise<boolean> {
  return database.transaction([], async (session, acts) => {
    const archive = await row(session, sql('lock'), [id], Locked)
    if (!archive) return false
    if (archive.upload_id) await abortMultipart(store(), DERIVED, archiveKey(id), archive.upload_id)
    // A folder holds a key for each slice: 50 of the largest, far from the 1,000 of one listing.
    for (const key of await listKeys(store(), DERIVED, archivePrefix(id)))
      await deleteObject(store(), DERIVED, key)
    await run(session, sql('swept'), [id])
    if (archive.state !== 'deleted' && archive.state !== 'failed')
      acts.push({ action: 'archive.expired', actor_id: null, project_id: archive.project_id, subject_id: id })
    return true
  })
}
