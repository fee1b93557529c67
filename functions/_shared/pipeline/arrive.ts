/**
 * Bytes have arrived under an upload's key: the upload becomes a document. The same for whoever tells first, the API's
 * completion, the store's event or reconciliation; told twice, the second changes nothing.
 */
import { z } from 'zod'
import { Id } from '../contract/common.ts'
import type { Act } from '../db/audit.ts'
import { type Session, blocks, rows, run } from '../db/database.ts'
import { freeNames } from './free-name.ts'

const sql = blocks<
  'lock_uploads' | 'lock_free_uploads' | 'allowed' | 'pinned' | 'receive' | 'add_scans' | 'announce'
>(new URL('./arrive.sql', import.meta.url))

/** One version of one key of portico-documents. `size` in bytes, as the store has it. */
export type ArrivedObject = { key: string; object_version_id: string; size: number }

/**
 * received: it is a document now · already: it was one before, of this very version · other_version: the document is
 * pinned to another version of the key, an incident, never content · mismatch: not the size that was announced · aborted:
 * the upload was given up · not_allowed: its person may no longer contribute there; it stays open and is swept ·
 * unknown: no upload has this key.
 */
export type ArrivalOutcome =
  'received' | 'already' | 'other_version' | 'mismatch' | 'aborted' | 'not_allowed' | 'unknown'

export type Arrival = { object: ArrivedObject; outcome: ArrivalOutcome; upload: ArrivingUpload | null }

const ArrivingUpload = z.object({
  id: Id,
  person_id: Id,
  project_id: Id,
  folder_id: Id,
  document_id: Id,
  version_id: Id,
  name: z.string(),
  size: z.number(),
  state: z.enum(['open', 'completed', 'aborted']),
  fairness_key: z.string()
})
export type ArrivingUpload = z.infer<typeof ArrivingUpload>

/** `document/version`, both UUIDs: nothing else is ever written there by us. */
const KEY =
  /^([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/

/** The document of a key; null for a key that is not of our making. */
export const documentOfKey = (key: string): string | null => KEY.exec(key)?.[1] ?? null

/**
 * Turns arrived objects into documents, in the caller's transaction, for which row-level security must be open for their
 * projects. Document, version, upload, scan job and the announcement are written; acts are pushed. One arrival per
 * object, in the order given.
 *
 * @param source who told: for the audit row
 * @param busy an upload that another arrival holds at this moment is waited for, or passed over: then its outcome is
 *   `unknown`. Hundreds that wait for one another's neighbours take a minute instead of a moment.
 */
export async function arrive(
  session: Session,
  objects: ArrivedObject[],
  source: 'api' | 'event' | 'reconciliation',
  acts: Act[],
  busy: 'wait' | 'pass_over' = 'wait'
): Promise<Arrival[]> {
  const uploads = await lockUploads(session, objects, busy)
  const pinned = await pinnedVersions(session, uploads)
  const allowed = await allowedUploads(session, uploads)
  const arrivals = objects.map((object): Arrival => {
    const upload = uploads.get(object.key) ?? null
    return { object, upload, outcome: judge(object, upload, pinned, allowed) }
  })
  await receive(session, arrivals, source, acts)
  return arrivals
}

function judge(
  object: ArrivedObject,
  upload: ArrivingUpload | null,
  pinned: Map<string, string>,
  allowed: Set<string>
): ArrivalOutcome {
  if (!upload) return 'unknown'
  if (upload.state === 'completed')
    return pinned.get(upload.version_id) === object.object_version_id ? 'already' : 'other_version'
  if (upload.state === 'aborted') return 'aborted'
  if (upload.size !== object.size) return 'mismatch'
  return allowed.has(upload.id) ? 'received' : 'not_allowed'
}

/** The uploads of these keys by key, locked in the order of their ids so that two arrivals never wait in a circle. */
async function lockUploads(
  session: Session,
  objects: ArrivedObject[],
  busy: 'wait' | 'pass_over'
): Promise<Map<string, ArrivingUpload>> {
  const versions = objects.flatMap((object) => KEY.exec(object.key)?.[2] ?? [])
  const lock = busy === 'wait' ? 'lock_uploads' : 'lock_free_uploads'
  const found = await rows(session, sql(lock), [versions], ArrivingUpload)
  return new Map(found.map((upload) => [`${upload.document_id}/${upload.version_id}`, upload]))
}

const Pinned = z.object({ id: Id, object_version_id: z.string() })

/** Of completed uploads: version → the store's version that it is pinned to. */
async function pinnedVersions(
  session: Session,
  uploads: Map<string, ArrivingUpload>
): Promise<Map<string, string>> {
  const ids = [...uploads.values()].filter((one) => one.state === 'completed').map((one) => one.version_id)
  if (ids.length === 0) return new Map()
  const found = await rows(session, sql('pinned'), [ids], Pinned)
  return new Map(found.map((version) => [version.id, version.object_version_id]))
}

/** The open uploads whose person may contribute to their folder now. */
async function allowedUploads(session: Session, uploads: Map<string, ArrivingUpload>): Promise<Set<string>> {
  const open = [...uploads.values()].filter((one) => one.state === 'open')
  if (open.length === 0) return new Set()
  const people = [...new Set(open.map((one) => one.person_id))]
  const folders = [...new Set(open.map((one) => one.folder_id))]
  const found = await rows(session, sql('allowed'), [people, folders], z.object({ who: Id, thing_id: Id }))
  const pairs = new Set(found.map((pair) => `${pair.who} ${pair.thing_id}`))
  return new Set(open.filter((one) => pairs.has(`${one.person_id} ${one.folder_id}`)).map((one) => one.id))
}

async function receive(session: Session, arrivals: Arrival[], source: string, acts: Act[]): Promise<void> {
  const received = arrivals.flatMap(({ object, outcome, upload }) =>
    outcome === 'received' && upload ? [{ object, upload }] : []
  )
  if (received.length === 0) return
  const uploads = received.map((one) => one.upload)
  const names = await freeNames(
    session,
    uploads.map(({ folder_id, name }) => ({ folder_id, name }))
  )
  await run(session, sql('receive'), [
    uploads.map((one) => one.id),
    names,
    received.map((one) => one.object.object_version_id)
  ])
  await run(session, sql('add_scans'), [
    uploads.map((one) => one.version_id),
    uploads.map((one) => one.project_id),
    uploads.map((one) => one.fairness_key)
  ])
  await run(session, sql('announce'), [[...new Set(uploads.map((one) => one.project_id))]])
  for (const upload of uploads)
    acts.push({
      action: 'document.received',
      actor_id: upload.person_id,
      project_id: upload.project_id,
      document_id: upload.document_id,
      subject_id: upload.version_id,
      facts: { upload_id: upload.id, size: upload.size, source }
    })
}
