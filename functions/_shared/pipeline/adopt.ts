/** adopt: what a machine put into the drop bucket under `<project>/<path>` becomes a document of that project. */
import { z } from 'zod'
import { Id } from '../contract/common.ts'
import { blocks, row, run } from '../db/database.ts'
import { cleanName, cleanPath } from '../rules/name.ts'
import { DOCUMENTS, MAX_COPY, originalKey } from '../storage/buckets.ts'
import { copyVersion, headObject } from '../storage/objects.ts'
import { folderOfPath } from './folder-path.ts'
import { freeNames } from './free-name.ts'
import { noticeIncident } from './incident.ts'
import type { Deps, Kind } from './kind.ts'
import { addJob } from './version-row.ts'

const sql = blocks<'project' | 'adopted' | 'document' | 'version'>(new URL('./adopt.sql', import.meta.url))

/** What inbox_record puts into such a job; the ids are chosen there, so that every try makes the same document. */
const DropJob = z.object({
  bucket: z.string(),
  key: z.string(),
  object_version_id: z.string(),
  document_id: Id,
  version_id: Id
})
type DropJob = z.infer<typeof DropJob>

const Project = z.object({ id: Id, fairness_key: z.string() })
const Copied = z.object({
  project: Project,
  folders: z.array(z.string()),
  name: z.string(),
  object_version_id: z.string(),
  size: z.number(),
  declared_type: z.string()
})
type Copied = z.infer<typeof Copied>

/** `<project>/<path>` taken apart; null when it is not of that form or nothing of its name is left. */
export function placeOfDrop(key: string): { project_id: string; folders: string[]; name: string } | null {
  const [first = '', ...path] = key.split('/')
  const project = Id.safeParse(first)
  const name = cleanName(path.pop() ?? '')
  const folders = cleanPath(path.join('/'))
  return project.success && name && folders ? { project_id: project.data, folders, name } : null
}

export const adopt: Kind = {
  at_once: 4,
  attempts: 12,
  needs_soon: ['scan', 'preview'],

  prepare: async (job, deps) => {
    const drop = DropJob.parse(job.data)
    if (drop.key.endsWith('/')) return { answer: { outcome: 'done', result: null } } // a folder's marker
    const place = placeOfDrop(drop.key)
    if (!place) return { answer: { outcome: 'refused', reason: 'foreign_key' } }
    const project = await row(deps.database.pool, sql('project'), [place.project_id], Project)
    if (!project) return { answer: { outcome: 'refused', reason: 'unknown_project' } }
    const copied = await copyIntoDocuments(drop, deps)
    return typeof copied === 'string'
      ? { answer: { outcome: 'refused', reason: copied } }
      : { answer: { outcome: 'done', result: { ...place, ...copied, project } } }
  },

  projects: (job) => {
    const place = placeOfDrop(DropJob.parse(job.data).key)
    return place ? [place.project_id] : []
  },

  apply: async (session, job, answer, acts) => {
    if (answer.outcome !== 'done' || answer.result === null) return
    const drop = DropJob.parse(job.data)
    const { project, folders, name, ...copied }: Copied = Copied.parse(answer.result)
    if (await row(session, sql('adopted'), [drop.version_id], z.unknown())) return
    const folder_id = await folderOfPath(session, project.id, folders, null, acts)
    const [free = name] = await freeNames(session, [{ folder_id, name }])
    await run(session, sql('document'), [drop.document_id, folder_id, project.id, free, drop.version_id])
    await run(session, sql('version'), [
      drop.version_id,
      drop.document_id,
      project.id,
      originalKey(drop.document_id, drop.version_id),
      copied.object_version_id,
      copied.size,
      copied.declared_type,
      drop.key,
      drop.object_version_id
    ])
    const about = { version_id: drop.version_id, project_id: project.id }
    await addJob(session, 'scan', about, project.fairness_key, drop.version_id)
    await run(session, 'select announce($1)', [`project:${project.id}`])
    acts.push({
      action: 'document.adopted',
      actor_id: null,
      project_id: project.id,
      document_id: drop.document_id,
      subject_id: drop.version_id,
      facts: { size: copied.size }
    })
  },

  /** The bytes stay in the drop bucket: nothing that somebody sent is thrown away. */
  give_up: async (session, job, reason, acts) => {
    const drop = DropJob.parse(job.data)
    await noticeIncident(session, acts, reason.startsWith('status') ? 'not_adopted' : reason.slice(0, 60), {
      bucket: drop.bucket,
      key: drop.key,
      object_version_id: drop.object_version_id
    })
  }
}

/** The pinned version, copied inside the store under the new document's key; or the reason why there is none. */
async function copyIntoDocuments(
  drop: DropJob,
  { store }: Deps
): Promise<Pick<Copied, 'object_version_id' | 'size' | 'declared_type'> | string> {
  const head = await headObject(store, drop.bucket, drop.key, drop.object_version_id)
  if (!head) return 'object_missing'
  if (head.size > MAX_COPY) return 'too_large_to_adopt'
  const key = originalKey(drop.document_id, drop.version_id)
  const made = await copyVersion(store, drop, { bucket: DOCUMENTS, key })
  // Taken already: by an earlier try of this very job, whose key nobody else can know.
  const object_version_id = made ?? (await headObject(store, DOCUMENTS, key))?.object_version_id
  if (!object_version_id) throw new Error('a copy was neither made nor found')
  return { object_version_id, size: head.size, declared_type: head.content_type }
}
