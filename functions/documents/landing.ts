/** Looks where uploads' bytes are, and joins parts when all are there. */
import type { UploadProgress } from '../_shared/contract/upload.ts'
import type { UploadRow } from '../_shared/db/upload.ts'
import { missingParts } from '../_shared/rules/upload.ts'
import { DOCUMENTS } from '../_shared/storage/buckets.ts'
import { openStore } from './store.ts'
import { isSingle, keyOf, several, showUpload } from './uploads.ts'

/** partly: `missing` are the numbers of parts that are not there or have another length; nowhere: given up, or done. */
export type Landing =
  { at: 'store'; object: StoreVersion } | { at: 'partly'; missing: number[] } | { at: 'nowhere' }
type StoreVersion = { object_version_id: string; size: number }

/** Looks into the store that one call has in flight. */
const AT_ONCE = 8
/** From so many files on one listing is cheaper than a HEAD each (500: 65-260 ms against 1 s). */
const WORTH_LISTING = 8

/**
 * Unfinished uploads with what has arrived of them, as the store has it. Where a listing misses a file that came this
 * moment, it is sent again and the store answers 412: it is there.
 */
export async function showProgress(uploads: UploadRow[]): Promise<UploadProgress[]> {
  const listed = await listedVersions(uploads.filter(isSingle).map(keyOf))
  return several(uploads, AT_ONCE, async (upload) => ({
    ...(await showUpload(upload)),
    parts: isSingle(upload) ? wholeFile(listed.get(keyOf(upload))) : await partsOf(upload)
  }))
}

const wholeFile = (object: StoreVersion | undefined) => (object ? [{ number: 1, size: object.size }] : [])

async function partsOf(upload: UploadRow): Promise<UploadProgress['parts']> {
  if (!upload.store_upload_id) return []
  const { client, listParts } = await openStore()
  const parts = await listParts(client, DOCUMENTS, keyOf(upload), upload.store_upload_id)
  return (parts ?? []).map(({ number, size }) => ({ number, size }))
}

/** Where each upload is, in their order. Joining is safe to try again: the second time the object is at its key. */
export async function land(uploads: UploadRow[]): Promise<Landing[]> {
  const singles = uploads.filter((upload) => upload.state === 'open' && isSingle(upload))
  const listed =
    singles.length < WORTH_LISTING
      ? new Map<string, StoreVersion>()
      : await listedVersions(singles.map(keyOf))
  return several(uploads, AT_ONCE, async (upload): Promise<Landing> => {
    if (upload.state !== 'open') return { at: 'nowhere' }
    if (!isSingle(upload)) return landParts(upload)
    const object = listed.get(keyOf(upload))
    if (object) return { at: 'store', object }
    return (await atKey(upload)) ?? { at: 'partly', missing: [1] }
  })
}

async function landParts(upload: UploadRow): Promise<Landing> {
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

/**
 * What a listing tells of these keys. Their ids were made in order of time, so that one call's uploads lie close
 * together. What it does not tell, or tells of twice, is left to be asked for by itself.
 */
async function listedVersions(keys: string[]): Promise<Map<string, StoreVersion>> {
  if (keys.length === 0) return new Map()
  const { client, listVersions } = await openStore()
  const wanted = new Set(keys)
  const [first = '', last = ''] = [keys.toSorted()[0], keys.toSorted().at(-1)]
  const found = new Map<string, StoreVersion>()
  const twice = new Set<string>()
  // A marker is passed over, so begin just before the first key: its document's id.
  let after: Parameters<typeof listVersions>[2] = {
    after: { key: first.split('/')[0] ?? '', object_version_id: null }
  }
  for (let page = 0; page < 2; page += 1) {
    const { versions, next } = await listVersions(client, DOCUMENTS, after)
    for (const { key, object_version_id, size } of versions)
      if (wanted.has(key)) {
        if (found.has(key)) twice.add(key)
        found.set(key, { object_version_id, size: size ?? -1 })
      }
    if (!next || next.key >= last) break
    after = { after: next }
  }
  for (const key of twice) found.delete(key)
  return found
}
