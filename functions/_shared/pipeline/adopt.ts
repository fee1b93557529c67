/**
 * adopt: what a machine put into the drop bucket becomes a document of that project. What an API key's session brought is its
 * person's, who must still be allowed to (docs/decisions/s3-tools.md); what the operator put there by hand is nobody's.
 */
import type pg from 'pg'
import { z } from 'zod'
import { Id } from '../contract/common.ts'
import { type Session, blocks, row, run } from '../db/database.ts'
import { refuseSender } from '../rules/drop.ts'
import { cleanName, cleanPath } from '../rules/name.ts'
import { DOCUMENTS, MAX_COPY, keyOfDrop, originalKey } from '../storage/buckets.ts'
import { type ObjectHead, copyVersion, headObject } from '../storage/objects.ts'
import { folderOfPath } from './folder-path.ts'
import { amongOwn, freeNames } from './free-name.ts'
import { noticeIncident } from './incident.ts'
import type { Answer, Deps, Kind } from './kind.ts'
import { seenHead } from './seen-head.ts'
import { addJob } from './version-row.ts'

const sql = blocks<'project' | 'adopted' | 'sender' | 'may_add' | 'document' | 'version'>(
  new URL('./adopt.sql', import.meta.url)
)

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
const SenderKey = z.object({
  person_id: Id,
  scopes: z.array(z.string()),
  project_id: Id.nullable(),
  expires_at: z.coerce.date(),
  revoked_at: z.coerce.date().nullable()
})
/** Whose it is, and by which key; null: the operator's own. */
const Sender = z.object({ person_id: Id, key_id: Id }).nullable()
type Sender = z.infer<typeof Sender>

const Copied = z.object({
  project: Project,
  sender: Sender,
  folders: z.array(z.string()),
  name: z.string(),
  object_version_id: z.string(),
  size: z.number(),
  declared_type: z.string()
})
type Copied = z.infer<typeof Copied>

/** `key_id`: of the API key whose session wrote it; null: none did. */
export type PlaceOfDrop = { project_id: string; key_id: string | null; folders: string[]; name: string }

/** `<project>/key-<key>/<path>` or `<project>/<path>` taken apart; null for other forms, and when nothing of its name is left. */
export function placeOfDrop(key: string): PlaceOfDrop | null {
  const [first = '', ...path] = key.split('/')
  const project = Id.safeParse(first)
  const key_id = path.length > 1 ? keyOfDrop(path[0] ?? '') : null
  if (key_id) path.shift()
  const name = cleanName(path.pop() ?? '')
  const folders = cleanPath(path.join('/'))
  return project.success && name && folders ? { project_id: project.data, key_id, folders, name } : null
}

/** The firm's people shall see it: whoever sent it takes it for delivered, and goes on sending. */
const refuse = (reason: string): { answer: Answer } => ({
  answer: { outcome: 'refused', reason, dead: true }
})

export const adopt: Kind = {
  at_once: 4,
  attempts: 12,
  needs_soon: ['scan', 'preview'],

  prepare: async (job, deps) => {
    const drop = DropJob.parse(job.data)
    if (drop.key.endsWith('/')) return { answer: { outcome: 'done', result: null } } // a folder's marker
    const place = placeOfDrop(drop.key)
    if (!place) return refuse('foreign_key')
    const project = await row(deps.database.pool, sql('project'), [place.project_id], Project)
    if (!project) return refuse('unknown_project')
    const head = await seenHead(job, deps, drop)
    if (!head) return refuse('object_missing')
    if (head.size > MAX_COPY) return refuse('too_large_to_adopt')
    const sender = await senderOf(deps.database.pool, place, head.written_at)
    if (typeof sender === 'string') return refuse(sender)
    const copied = await copyIntoDocuments(drop, head, deps)
    return { answer: { outcome: 'done', result: { ...place, ...copied, project, sender } } }
  },

  projects: (job) => {
    const place = placeOfDrop(DropJob.parse(job.data).key)
    return place ? [place.project_id] : []
  },

  apply: async (session, job, answer, acts) => {
    if (answer.outcome !== 'done' || answer.result === null) return
    const drop = DropJob.parse(job.data)
    const { project, sender, folders, name, ...copied }: Copied = Copied.parse(answer.result)
    if (await row(session, sql('adopted'), [drop.version_id], z.unknown())) return
    // The copy of a large file takes its time. Tried again, prepare says why not.
    if (sender && !(await mayAdd(session, sender.person_id, project.id, folders)))
      throw new Error('its sender lost the right meanwhile')
    const person_id = sender?.person_id ?? null
    const folder_id = await folderOfPath(session, project.id, folders, person_id, acts)
    const place = { folder_id, name }
    const [free = name] = await freeNames(
      session,
      person_id ? await amongOwn(session, [{ ...place, person_id }]) : [place]
    )
    const document = [drop.document_id, folder_id, project.id, free, drop.version_id, person_id]
    await run(session, sql('document'), document)
    await run(session, sql('version'), [
      drop.version_id,
      drop.document_id,
      project.id,
      originalKey(drop.document_id, drop.version_id),
      copied.object_version_id,
      copied.size,
      copied.declared_type,
      drop.key,
      drop.object_version_id,
      person_id
    ])
    const about = { version_id: drop.version_id, project_id: project.id }
    await addJob(session, 'scan', about, project.fairness_key, drop.version_id)
    await run(session, 'select announce($1)', [`project:${project.id}`])
    acts.push({
      action: 'document.adopted',
      actor_id: person_id,
      project_id: project.id,
      document_id: drop.document_id,
      subject_id: drop.version_id,
      facts: { size: copied.size, ...(sender && { key_id: sender.key_id }) }
    })
  },

  /** The bytes stay in the drop bucket: nothing that somebody sent is thrown away. */
  give_up: async (session, job, reason, acts) => {
    const drop = DropJob.parse(job.data)
    const kind = reason.startsWith('status') ? 'not_adopted' : reason.slice(0, 60)
    const { bucket, key, object_version_id } = drop
    const about = { project_id: placeOfDrop(key)?.project_id ?? null }
    await noticeIncident(session, acts, kind, { bucket, key, object_version_id }, about)
  }
}

/** Who sent it: their key counted when it was written, and they may add files at its place now; or the reason why not. */
async function senderOf(
  on: Session | pg.Pool,
  { project_id, key_id, folders }: PlaceOfDrop,
  written_at: Date
): Promise<Sender | string> {
  if (key_id === null) return null
  const key = await row(on, sql('sender'), [key_id], SenderKey)
  const refusal = refuseSender(key, project_id, written_at)
  if (refusal || !key) return refusal ?? 'key_unknown'
  const { person_id } = key
  return (await mayAdd(on, person_id, project_id, folders)) ? { person_id, key_id } : 'sender_not_allowed'
}

const May = z.object({ may: z.boolean() })

async function mayAdd(
  on: Session | pg.Pool,
  person_id: string,
  project_id: string,
  folders: string[]
): Promise<boolean> {
  return (await row(on, sql('may_add'), [person_id, project_id, folders], May))?.may === true
}

/** The pinned version, copied inside the store under the new document's key. */
async function copyIntoDocuments(
  drop: DropJob,
  head: ObjectHead,
  { store }: Deps
): Promise<Pick<Copied, 'object_version_id' | 'size' | 'declared_type'>> {
  const key = originalKey(drop.document_id, drop.version_id)
  const made = await copyVersion(store, drop, { bucket: DOCUMENTS, key })
  // Taken already: by an earlier try of this very job, whose key nobody else can know.
  const object_version_id = made ?? (await headObject(store, DOCUMENTS, key))?.object_version_id
  if (!object_version_id) throw new Error('a copy was neither made nor found')
  return { object_version_id, size: head.size, declared_type: head.content_type }
}
