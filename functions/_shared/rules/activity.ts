/** Who may read which act. Pure. */
import type { Action } from '../contract/activity.ts'
import { levelNumber } from '../contract/common.ts'

export type ActFacts = {
  action: Action
  actor_id: string | null
  actor_is_staff: boolean
  /** The reader's level on what the act was about: 0 none … 4 manage. */
  level: number
  /** The act happened on a project that the reader is a guest of. */
  as_guest: boolean
  document_id: string | null
  subject_id: string | null
}
export type Reader = {
  id: string
  /** Administrators and auditors who read the log of the firm as a whole. */
  whole_log: boolean
}

/** What goes wrong inside, who was refused, who broke glass, who got mail or a ZIP: the business of whoever manages the thing. */
const INTERNAL = new Set<Action>([
  'access.refused',
  'emergency.opened',
  'emergency.ended',
  'job.dead',
  'incident.noticed',
  'version.redrawn',
  'log.completed',
  'mail.sent',
  'archive.ready',
  'archive.failed',
  'archive.expired'
])

/**
 * Whoever manages a thing sees all that happened to it. Everybody sees their own acts, and the firm's (its staff's, the
 * portal's own) on what they may see. What other clients do is none of theirs.
 */
export function maySeeAct(act: ActFacts, reader: Reader): boolean {
  if (reader.whole_log || act.level >= levelNumber('manage')) return true
  if (act.actor_id === reader.id) return true
  if (act.level < levelNumber('view') || INTERNAL.has(act.action)) return false
  // Of a project that one is a guest of only what concerns oneself: one's own, and the documents that one may see.
  if (act.as_guest && act.document_id === null && act.subject_id !== reader.id) return false
  return act.actor_id === null || act.actor_is_staff
}
