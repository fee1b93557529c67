/** Uploads as browsers see them, and how they are looked up: one's own only. */
import type { Upload } from '../_shared/contract/upload.ts'
import { type Session, seeProjects } from '../_shared/db/database.ts'
import { type UploadRow, projectsOfUploads, uploadsByIds } from '../_shared/db/upload.ts'
import { notFound } from '../_shared/problem.ts'
import { partCount } from '../_shared/rules/upload.ts'
import { DOCUMENTS, originalKey } from '../_shared/storage/buckets.ts'
import { database } from './database.ts'
import { uploadSigner } from './store.ts'

export const keyOf = (upload: UploadRow): string => originalKey(upload.document_id, upload.version_id)

export const isSingle = (upload: UploadRow): boolean => partCount(upload.size, upload.part_size) === 1

/** An upload with the URL of its single PUT; files in parts ask for theirs (POST /uploads/{id}/parts). */
export async function showUpload(upload: UploadRow): Promise<Upload> {
  const {
    id,
    document_id,
    of_document_id,
    folder_id,
    project_id,
    name,
    size,
    part_size,
    head_sha256,
    created_at
  } = upload
  const single = isSingle(upload)
  return {
    id,
    document_id,
    of_document_id,
    folder_id,
    project_id,
    name,
    size,
    part_size,
    head_sha256,
    created_at,
    part_count: partCount(size, part_size),
    url: single
      ? await (await uploadSigner()).put({ bucket: DOCUMENTS, key: keyOf(upload), size, once: true })
      : null
  }
}

/** Works in a transaction that sees the projects of the caller's own uploads among these. */
export const withUploads = <T>(
  caller: { id: string },
  ids: string[],
  work: Parameters<typeof database.transaction<T>>[1]
): Promise<T> =>
  database.transaction([], async (session, acts) => {
    const projects = await projectsOfUploads(session, caller.id, ids)
    if (projects.length > 0) await seeProjects(session, projects)
    return work(session, acts)
  })

/** One's own open upload. Throws `not_found` for any other. */
export async function requireOpenUpload(
  session: Session,
  caller: { id: string },
  id: string
): Promise<UploadRow> {
  const [upload] = await uploadsByIds(session, caller.id, [id])
  if (upload?.state !== 'open') throw notFound()
  return upload
}

/** Runs `work` over all items, `at_once` at a time; answers in their order. */
export async function several<T, R>(
  items: T[],
  at_once: number,
  work: (item: T) => Promise<R>
): Promise<R[]> {
  const results: R[] = []
  const queue = items.entries()
  const worker = async () => {
    for (const [index, item] of queue) results[index] = await work(item)
  }
  await Promise.all(Array.from({ length: Math.min(at_once, items.length) }, worker))
  return results
}
