/**
 * An older version becomes the newest: its bytes are copied inside the store under a key of their own, and arrive as any
 * file does. It is announced as an upload first: if this function dies after the copy, the store's event or the
 * reconciliation finds the upload and the version is made all the same; if it dies before, nothing was there.
 */
import { z } from 'zod'
import { Id } from '../_shared/contract/common.ts'
import { type Session, blocks, row } from '../_shared/db/database.ts'
import { releasedVersion } from '../_shared/db/document.ts'
import { recordArrivals } from '../_shared/db/upload.ts'
import { type ArrivedObject, arrive } from '../_shared/pipeline/arrive.ts'
import { Problem, notFound } from '../_shared/problem.ts'
import { planUpload } from '../_shared/rules/upload.ts'
import { DOCUMENTS, MAX_COPY, originalKey } from '../_shared/storage/buckets.ts'
import { database } from './database.ts'
import { openStore } from './store.ts'

const sql = blocks<'lock' | 'newest' | 'begun' | 'begin'>(new URL('./restore.sql', import.meta.url))

const Locked = z.object({
  folder_id: Id,
  current_version_id: Id.nullable(),
  name: z.string()
})
const Newest = z.object({ restored_from: Id.nullable() })
const Begun = z.object({ document_id: Id, version_id: Id })

/** One version's bytes, and the key that they are copied to. */
export type Copy = { from: { key: string; object_version_id: string }; key: string; size: number }

/**
 * The copy that is to be made; null when the newest version is one of it already. Begun twice it is the same copy. Throws
 * `not_found`, `held`, `not_ready`, `conflict` for the current version, `too_large` for what the store does not copy.
 */
export async function beginRestore(
  session: Session,
  caller: { id: string },
  document_id: string,
  no: number
): Promise<Copy | null> {
  const document = await row(session, sql('lock'), [document_id], Locked)
  if (!document) throw notFound()
  const version = await releasedVersion(session, document_id, no)
  const newest = await row(session, sql('newest'), [document_id], Newest)
  if (newest?.restored_from === version.version_id) return null
  if (document.current_version_id === version.version_id)
    throw new Problem('conflict', 'This is the current version.')
  if (version.size > MAX_COPY) throw new Problem('too_large', 'The store copies up to 5 GiB.')
  const { part_size } = planUpload(version.size)
  const copy =
    (await row(session, sql('begun'), [version.version_id, document_id, caller.id], Begun)) ??
    (await row(
      session,
      sql('begin'),
      [caller.id, version.version_id, document.folder_id, document.name, part_size],
      Begun
    ))
  if (!copy) throw notFound()
  const { object_key, object_version_id, size } = version
  return {
    from: { key: object_key, object_version_id },
    key: originalKey(copy.document_id, copy.version_id),
    size
  }
}

/** Copies, and makes a version of the copy. Twice at once it is made once. */
export async function finishCopy(project_id: string, copy: Copy): Promise<void> {
  const { client, copyVersion, headObject } = await openStore()
  const to = { bucket: DOCUMENTS, key: copy.key }
  const made = await copyVersion(client, { bucket: DOCUMENTS, ...copy.from }, to)
  // Taken already: by the same copy begun twice, whose key nobody else can know.
  const object_version_id = made ?? (await headObject(client, DOCUMENTS, copy.key))?.object_version_id
  if (!object_version_id) throw new Problem('store_away', 'The copy was neither made nor found.')
  const object: ArrivedObject = { key: copy.key, object_version_id, size: copy.size }
  await database.transaction([project_id], async (session, acts) => {
    const [arrived] = await arrive(session, [object], 'api', acts)
    if (arrived?.outcome === 'received') await recordArrivals(session, [object])
  })
}
