/**
 * The trash is emptied: what lay in it for 30 days, and what somebody emptied. First the database says that it is gone,
 * document by document with its act, then its bytes are removed, then the whole is marked as done. Killed in between,
 * the next call begins with the same thing again; removing what is not there does nothing.
 */
import { DeleteObjectsCommand } from '@aws-sdk/client-s3'
import { z } from 'zod'
import { Id } from '../_shared/contract/common.ts'
import { row, rows, run } from '../_shared/db/database.ts'
import { errorFacts, log } from '../_shared/log.ts'
import { DERIVED, DOCUMENTS, DROPS } from '../_shared/storage/buckets.ts'
import { MANY } from '../_shared/storage/patience.ts'
import { type Place, listVersions } from '../_shared/storage/versions.ts'
import { FIRST, type Slice, database, sql, store } from './context.ts'

/** Where the next call goes on: in this thing, after this document. */
export const TrashCursor = z.object({ trash_id: Id, document_id: Id })
type TrashCursor = z.infer<typeof TrashCursor>

const Due = z.object({ id: Id, project_id: Id })
const Emptied = z.object({ id: Id, thing_id: Id, project_id: Id, emptied_by: Id.nullable() })
type Emptied = z.infer<typeof Emptied>
const Version = z.object({
  id: Id,
  object_key: z.string(),
  drop_key: z.string().nullable(),
  drop_object_version_id: z.string().nullable()
})

/** How many documents were erased. */
export async function emptyTrash(
  from: TrashCursor | null,
  timeIsUp: () => boolean
): Promise<Slice<TrashCursor>> {
  for (const due of await rows(database.pool, sql('due_trash'), [], Due))
    await database.transaction([due.project_id], (session) => run(session, sql('empty'), [due.id]))
  let found = 0
  let before = from ? previous(from.trash_id) : FIRST
  let document_id = from?.document_id ?? FIRST
  for (;;) {
    const thing = await row(database.pool, sql('emptied'), [before], Emptied)
    if (!thing) return { found, cursor: null }
    try {
      for (;;) {
        const documents = await rows(
          database.pool,
          sql('documents_of'),
          [thing.thing_id, thing.project_id, document_id],
          z.object({ id: Id })
        )
        for (const { id } of documents) {
          await erase(thing, id)
          found += 1
          document_id = id
          if (timeIsUp()) return { found, cursor: { trash_id: thing.id, document_id } }
        }
        if (documents.length === 0) break
      }
      await finish(thing)
    } catch (error) {
      // What the store refuses to let go (a retention, an outage) is tried again, and holds up nothing else.
      log.warn('not_erased', { trash: thing.id, ...errorFacts(error) })
    }
    before = thing.id
    document_id = FIRST
  }
}

/** The id just before another one. */
const previous = (id: string): string => {
  const number = BigInt(`0x${id.replaceAll('-', '')}`) - 1n
  return number
    .toString(16)
    .padStart(32, '0')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

/** One document: out of the database with its act, then out of the store. */
async function erase(thing: Emptied, document_id: string): Promise<void> {
  await database.transaction([thing.project_id], async (session, acts) => {
    const versions = await rows(session, sql('erase_versions'), [document_id], z.object({ id: Id }))
    if (versions.length === 0) return // by an earlier call, or with a folder that it lies in
    await run(session, sql('erase_pages'), [document_id])
    await run(session, sql('erase_comments'), [document_id])
    acts.push({
      action: 'document.erased',
      actor_id: thing.emptied_by,
      project_id: thing.project_id,
      document_id,
      subject_id: document_id,
      facts: { versions: versions.length }
    })
  })
  for (const version of await rows(database.pool, sql('versions_of'), [document_id], Version)) {
    await removeAll(DOCUMENTS, version.object_key)
    await removeAll(DERIVED, `${version.id}/`)
    if (version.drop_key && version.drop_object_version_id)
      await remove(DROPS, [{ Key: version.drop_key, VersionId: version.drop_object_version_id }])
  }
}

async function finish(thing: Emptied): Promise<void> {
  await database.transaction([thing.project_id], async (session, acts) => {
    await run(session, sql('erased'), [thing.id])
    if (await row(session, sql('is_folder'), [thing.thing_id], z.unknown()))
      acts.push({
        action: 'folder.erased',
        actor_id: thing.emptied_by,
        project_id: thing.project_id,
        document_id: null,
        subject_id: thing.thing_id
      })
    await run(session, 'select announce($1)', [`project:${thing.project_id}`])
  })
}

/** Each version of each key below a prefix, for good. */
async function removeAll(bucket: string, prefix: string): Promise<void> {
  for (let after: Place | null = null; ;) {
    const page = await listVersions(store(), bucket, { prefix, after })
    await remove(
      bucket,
      page.versions.map((one) => ({ Key: one.key, VersionId: one.object_version_id }))
    )
    if (page.next === null) return
    after = page.next
  }
}

async function remove(bucket: string, Objects: { Key: string; VersionId: string }[]): Promise<void> {
  if (Objects.length === 0) return
  const done = await store().send(
    new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } }),
    { requestTimeout: MANY }
  )
  const failed = done.Errors?.find((one) => one.Code !== 'NoSuchKey' && one.Code !== 'NoSuchVersion')
  if (failed) throw new Error(`the store keeps a version: ${failed.Code}`)
}
