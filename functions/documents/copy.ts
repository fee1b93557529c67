/**
 * Copies of documents: their current version's bytes are copied inside the store under a key of their own and arrive as
 * any file does, checked and prepared anew. Announced as an upload first: if this function dies after the copy, the
 * store's event makes a document of it all the same; if it dies before, nothing was there.
 */
import { z } from 'zod'
import { Id } from '../_shared/contract/common.ts'
import { type Session, blocks, row } from '../_shared/db/database.ts'
import { releasedVersion } from '../_shared/db/document.ts'
import { planUpload } from '../_shared/rules/upload.ts'
import { originalKey } from '../_shared/storage/buckets.ts'
import type { Copy } from './restore.ts'

const sql = blocks<'begin' | 'clients'>(new URL('./copy.sql', import.meta.url))

/** Whether what lies in one project may be put into the other: both are of one client. */
export async function sameClient(session: Session, from: string, to: string): Promise<boolean> {
  const found = await row(session, sql('clients'), [from, to], z.object({ same: z.boolean() }))
  return found?.same ?? false
}

/** The copy of a document's current version that is to be made. Throws `held` and `not_ready`. */
export async function beginCopy(
  session: Session,
  caller: { id: string },
  document_id: string,
  folder_id: string
): Promise<Copy | null> {
  const { object_key, object_version_id, size, name, version_id } = await releasedVersion(
    session,
    document_id
  )
  const values = [caller.id, version_id, folder_id, name, planUpload(size).part_size]
  const Begun = z.object({ document_id: Id, version_id: Id })
  const begun = await row(session, sql('begin'), values, Begun)
  return begun
    ? {
        from: { key: object_key, object_version_id },
        key: originalKey(begun.document_id, begun.version_id),
        size
      }
    : null
}
