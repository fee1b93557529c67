/**
 * Bytes have arrived under an upload's key: the upload becomes a document, or a document's new version. The same for whoever tells first, the API's
 * completion, the store's event or reconciliation; told twice, the second changes nothing.
 */
import { z } from 'zod'
import { Id } from '../contract/common.ts'
import type { Act } from '../db/audit.ts'
import { type Session, blocks, rows, run } from '../db/database.ts'
import { amongOwn, freeNames } from './free-name.ts'
import { type Placed, placesOf } from './placing.ts'

const sql = blocks<'lock_uploads' | 'lock_free_uploads' | 'pinned' | 'receive' | 'add_scans' | 'announce'>(
  new URL('./arrive.sql', import.meta.url)
)

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
  /** The document that it becomes, unless it is a version of another. */
  document_id: Id,
  version_id: Id,
  /** Of which document it was sent as a new version. */
  of_document_id: Id.nullable(),
  /** The older version that it is a copy of. */
  restores: Id.nullable(),
  restores_no: z.int().nullable(),
  /** The version of another document that it is a copy of. */
  copies: Id.nullable(),
  name: z.string(),
  size: z.number(),
  state: z.enum(['open', 'completed', 'aborted']),
  fairness_key: z.string()
})
export type ArrivingUpload = z.infer<typeof ArrivingUpload>

/** `document/version`, both UUIDs: nothing else is ever written there by us. Later versions have keys of their own. */
const KEY =
  /^([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/

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
  const places = await placesOf(
    session,
    [...uploads.values()].filter((one) => one.state === 'open')
  )
  const arrivals = objects.map((object): Arrival => {
    const upload = uploads.get(object.key) ?? null
    return { object, upload, outcome: judge(object, upload, pinned, places) }
  })
  await receive(session, arrivals, places, source, acts)
  return arrivals
}

function judge(
  object: ArrivedObject,
  upload: ArrivingUpload | null,
  pinned: Map<string, string>,
  places: Map<string, Placed>
): ArrivalOutcome {
  if (!upload) return 'unknown'
  if (upload.state === 'completed')
    return pinned.get(upload.version_id) === object.object_version_id ? 'already' : 'other_version'
  if (upload.state === 'aborted') return 'aborted'
  if (upload.size !== object.size) return 'mismatch'
  return places.has(upload.id) ? 'received' : 'not_allowed'
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

const Received = z.object({ id: Id, document_id: Id, no: z.int() })
type Received = z.infer<typeof Received>

async function receive(
  session: Session,
  arrivals: Arrival[],
  places: Map<string, Placed>,
  source: string,
  acts: Act[]
): Promise<void> {
  const received = arrivals.flatMap(({ object, outcome, upload }) => {
    const place = upload && places.get(upload.id)
    return outcome === 'received' && upload && place ? [{ object, upload, into: place.into }] : []
  })
  if (received.length === 0) return
  const uploads = received.map((one) => one.upload)
  const made = await rows(
    session,
    sql('receive'),
    [
      uploads.map((one) => one.id),
      await namesOf(session, received),
      received.map((one) => one.object.object_version_id),
      received.map((one) => one.into)
    ],
    Received
  )
  await run(session, sql('add_scans'), [
    uploads.map((one) => one.version_id),
    uploads.map((one) => one.project_id),
    uploads.map((one) => one.fairness_key)
  ])
  await run(session, sql('announce'), [[...new Set(uploads.map((one) => one.project_id))]])
  const versions = new Map(made.map((version) => [version.id, version]))
  for (const upload of uploads) acts.push(actOf(upload, versions.get(upload.version_id), source))
}

/** A document of its own gets a name that is free; a version keeps the name that its file had. */
async function namesOf(
  session: Session,
  received: { upload: ArrivingUpload; into: string | null }[]
): Promise<string[]> {
  const own = received.filter((one) => one.into === null).map((one) => one.upload)
  const free = own.length === 0 ? [] : await freeNames(session, await amongOwn(session, own))
  const names = new Map(own.map((upload, index) => [upload.id, free[index]]))
  return received.map(({ upload }) => names.get(upload.id) ?? upload.name)
}

function actOf(upload: ArrivingUpload, made: Received | undefined, source: string): Act {
  const { id, person_id, project_id, version_id, size, restores, restores_no, copies } = upload
  const document_id = made?.document_id ?? upload.document_id
  const act = { actor_id: person_id, project_id, document_id, subject_id: version_id }
  const no = made?.no ?? 1
  if (restores)
    return {
      ...act,
      action: 'version.restored',
      facts: { from: restores, from_no: restores_no, to: version_id, no }
    }
  if (copies) return { ...act, action: 'document.copied', facts: { from: copies, size } }
  if (document_id !== upload.document_id)
    return { ...act, action: 'version.received', facts: { upload_id: id, size, source, no } }
  return { ...act, action: 'document.received', facts: { upload_id: id, size, source } }
}
