/** Looks where an upload's bytes are, and joins its parts when all are there. */
import type { UploadRow } from '../_shared/db/upload.ts'
import { missingParts } from '../_shared/rules/upload.ts'
import { DOCUMENTS } from '../_shared/storage/buckets.ts'
import { openStore } from './store.ts'
import { isSingle, keyOf } from './uploads.ts'

/** partly: `missing` are the numbers of parts that are not there or have another length; nowhere: given up, or done. */
export type Landing =
  | { at: 'store'; object: { object_version_id: string; size: number } }
  | { at: 'partly'; missing: number[] }
  | { at: 'nowhere' }

/** Where an upload is. Joining is safe to try again: the second time the object is found at its key. */
export async function land(upload: UploadRow): Promise<Landing> {
  if (upload.state !== 'open') return { at: 'nowhere' }
  if (isSingle(upload)) return (await atKey(upload)) ?? { at: 'partly', missing: [1] }

  if (!upload.store_upload_id) return { at: 'partly', missing: missingParts(upload, []) }
  const { client, listParts, completeMultipart } = await openStore()
  const parts = await listParts(client, DOCUMENTS, keyOf(upload), upload.store_upload_id)
  // Not open any more: somebody joined it before (then it is at its key), or it was thrown away.
  if (!parts) return (await atKey(upload)) ?? { at: 'nowhere' }
  const missing = missingParts(upload, parts)
  if (missing.length > 0) return { at: 'partly', missing }
  const version = await completeMultipart(client, DOCUMENTS, keyOf(upload), upload.store_upload_id, parts)
  if (version === null) return (await atKey(upload)) ?? { at: 'nowhere' }
  return { at: 'store', object: { object_version_id: version, size: upload.size } }
}

async function atKey(upload: UploadRow): Promise<Landing | null> {
  const { client, headObject } = await openStore()
  const head = await headObject(client, DOCUMENTS, keyOf(upload))
  return head && { at: 'store', object: { object_version_id: head.object_version_id, size: head.size } }
}
