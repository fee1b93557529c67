/** What an archive's slices change, in the transaction that goes on with the job. */
import { z } from 'zod'
import type { ArchiveSlice } from '../contract/archive-job.ts'
import { Id } from '../contract/common.ts'
import type { Act } from '../db/audit.ts'
import { type Database, type Session, blocks, row, run } from '../db/database.ts'
import { noticeIncident } from './incident.ts'

const sql = blocks<
  | 'put_in'
  | 'keep_parts'
  | 'progress'
  | 'leave_out'
  | 'take_out'
  | 'forget_parts'
  | 'anew'
  | 'ready'
  | 'counts'
  | 'failed'
  | 'version'
>(new URL('./archive.sql', import.meta.url))

type Locked = { id: string; person_id: string; project_id: string }

/** Its maker's pages ask again. */
export async function announceTo(on: Session | Database['pool'], person_id: string): Promise<void> {
  await run(on, 'select announce($1)', [`person:${person_id}`])
}

export async function takeSlice(
  session: Session,
  { id, project_id }: Locked,
  { files, parts, gone, bytes }: ArchiveSlice,
  acts: Act[]
): Promise<void> {
  await run(session, sql('put_in'), [
    id,
    files.map((file) => file.place),
    files.map((file) => file.offset),
    files.map((file) => file.crc)
  ])
  await run(session, sql('keep_parts'), [
    id,
    parts.map((part) => part.number),
    parts.map((part) => part.etag)
  ])
  await run(session, sql('leave_out'), [id, gone, gone.map(() => 'gone')])
  await run(session, sql('progress'), [id, bytes])
  for (const place of gone) await noticeFile(session, 'object_missing', { id, project_id, place }, acts)
}

/** Nothing is in any more. What was left out stays so. */
export async function restartArchive(session: Session, { id }: Locked): Promise<void> {
  await run(session, sql('take_out'), [id])
  await run(session, sql('forget_parts'), [id])
  await run(session, sql('anew'), [id])
}

export async function readyArchive(
  session: Session,
  { id, project_id }: Locked,
  zip_size: number,
  acts: Act[]
): Promise<void> {
  await run(session, sql('ready'), [id, zip_size])
  const Counts = z.object({ count: z.int(), left_out: z.int() })
  const counts = (await row(session, sql('counts'), [id], Counts)) ?? { count: 0, left_out: 0 }
  acts.push({
    action: 'archive.ready',
    actor_id: null,
    project_id,
    subject_id: id,
    facts: { size: zip_size, ...counts }
  })
}

/** A file that is not what was checked is an incident as well: somebody or something has changed it in the store. */
export async function failArchive(
  session: Session,
  { id, project_id }: Locked,
  reason: string,
  acts: Act[]
): Promise<void> {
  const [, kind, place] = /^(sha256_mismatch|size_mismatch):(\d+)$/.exec(reason) ?? []
  const trouble = kind ? 'damaged' : reason === 'nothing_left' ? 'nothing_left' : 'broken'
  await run(session, sql('failed'), [id, trouble])
  acts.push({
    action: 'archive.failed',
    actor_id: null,
    project_id,
    subject_id: id,
    facts: { reason: kind ?? reason.slice(0, 60) }
  })
  if (kind) await noticeFile(session, kind, { id, project_id, place: Number(place) }, acts)
}

async function noticeFile(
  session: Session,
  kind: string,
  at: { id: string; project_id: string; place: number },
  acts: Act[]
): Promise<void> {
  const File = z.object({ version_id: Id, document_id: Id })
  const file = await row(session, sql('version'), [at.id, at.place], File)
  if (!file) return
  await noticeIncident(
    session,
    acts,
    kind,
    { version_id: file.version_id, archive_id: at.id },
    { project_id: at.project_id, document_id: file.document_id }
  )
}
