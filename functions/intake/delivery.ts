/** Bytes that the store has sent for a ticket: the act when they cover the object for the first time, else null. */
import { z } from 'zod'
import { Id } from '../_shared/contract/common.ts'
import type { Act } from '../_shared/db/audit.ts'
import { type Session, row } from '../_shared/db/database.ts'
import type { Sent } from './access-event.ts'

const OfDocument = z.object({
  person_id: Id,
  project_id: Id,
  document_id: Id,
  version_id: Id,
  size: z.number()
})

export async function documentDelivered(session: Session, sent: Sent): Promise<Act | null> {
  const values = [sent.ticket, sent.object_version_id, sent.first, sent.past]
  const delivery = await row(session, 'select * from delivery_sent($1, $2, $3, $4)', values, OfDocument)
  if (!delivery) return null
  const { person_id, version_id, size, ...where } = delivery
  return {
    action: 'document.delivered',
    actor_id: person_id,
    subject_id: version_id,
    facts: { size },
    ...where
  }
}

const OfArchive = z.object({
  person_id: Id,
  project_id: Id,
  archive_id: Id,
  count: z.int(),
  size: z.number()
})

/** One act for the whole: each document's download names the archive. */
export async function archiveDelivered(session: Session, sent: Sent): Promise<Act | null> {
  const values = [sent.ticket, sent.first, sent.past]
  const delivery = await row(session, 'select * from archive_sent($1, $2, $3)', values, OfArchive)
  if (!delivery) return null
  const { person_id, project_id, archive_id, ...facts } = delivery
  return { action: 'archive.delivered', actor_id: person_id, project_id, subject_id: archive_id, facts }
}
