/** Uploads: files on their way. Somebody only ever reaches their own. */
import type pg from 'pg'
import { z } from 'zod'
import { Id, Time } from '../contract/common.ts'
import { Upload } from '../contract/upload.ts'
import { type Session, blocks, row, rows, run } from './database.ts'

const sql = blocks<
  'projects' | 'add' | 'mine' | 'open_in_project' | 'begun' | 'touch' | 'abort' | 'record' | 'landed'
>(new URL('./upload.sql', import.meta.url))

/** An upload as it is stored; its URL is made when somebody needs it. */
const UploadRow = Upload.omit({ url: true, part_count: true }).extend({
  version_id: Id,
  declared_type: z.string(),
  /** The store's multipart upload; null: a single PUT, or not yet begun. */
  store_upload_id: z.string().nullable(),
  state: z.enum(['open', 'completed', 'aborted'])
})
export type UploadRow = z.infer<typeof UploadRow>

/** The projects of somebody's own uploads among these ids. */
export async function projectsOfUploads(
  on: Session | pg.Pool,
  person_id: string,
  ids: string[]
): Promise<string[]> {
  const found = await row(on, sql('projects'), [person_id, ids], z.object({ ids: z.array(Id) }))
  return found?.ids ?? []
}

export type PlannedUpload = {
  folder_id: string
  name: string
  size: number
  declared_type: string
  head_sha256: string | null
  last_modified: string | null
  part_size: number
  /** Of which document it is a new version. */
  document_id: string | null
}

/** Makes uploads, in the order given. */
export const addUploads = (
  session: Session,
  person_id: string,
  project_id: string,
  planned: PlannedUpload[]
): Promise<UploadRow[]> =>
  rows(
    session,
    sql('add'),
    [
      person_id,
      project_id,
      planned.map((one) => one.folder_id),
      planned.map((one) => one.name),
      planned.map((one) => one.size),
      planned.map((one) => one.declared_type),
      planned.map((one) => one.head_sha256),
      planned.map((one) => one.last_modified),
      planned.map((one) => one.part_size),
      planned.map((one) => one.document_id)
    ],
    UploadRow
  )

/** Somebody's own uploads among these ids. */
export const uploadsByIds = (session: Session, person_id: string, ids: string[]): Promise<UploadRow[]> =>
  rows(session, sql('mine'), [person_id, ids], UploadRow)

/** Somebody's own unfinished uploads in a project, or in one folder of it. */
export const openUploads = (
  session: Session,
  person_id: string,
  project_id: string,
  folder_id: string | null
): Promise<UploadRow[]> =>
  rows(session, sql('open_in_project'), [person_id, project_id, folder_id], UploadRow)

const Landed = z.object({ version_id: Id, document_id: Id, no: z.int(), received_at: Time })

/** What these uploads' bytes have become, by the ids of their versions; those that have not arrived are not there. */
export const landedVersions = (session: Session, version_ids: string[]): Promise<z.infer<typeof Landed>[]> =>
  rows(session, sql('landed'), [version_ids], Landed)

/** Notes the store's multipart upload. False: another call was first. */
export const setBegun = async (session: Session, id: string, store_upload_id: string): Promise<boolean> =>
  (await run(session, sql('begun'), [id, store_upload_id])) === 1

/** Somebody is at it: it is not swept. */
export const touchUploads = (session: Session, ids: string[]): Promise<number> =>
  run(session, sql('touch'), [ids])

/** Gives an open upload up. False: it was not open any more. */
export const abortUpload = async (session: Session, id: string): Promise<boolean> =>
  (await run(session, sql('abort'), [id])) === 1

/** Tells the inbox what has arrived; the event that follows finds it there. */
export async function recordArrivals(
  session: Session,
  objects: { key: string; object_version_id: string; size: number }[]
): Promise<void> {
  await run(session, sql('record'), [
    objects.map((one) => one.key),
    objects.map((one) => one.object_version_id),
    objects.map((one) => one.size)
  ])
}
