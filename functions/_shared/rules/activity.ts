/** Who may read which act. Pure. */
import type { Action } from '../contract/activity.ts'
import { levelNumber } from '../contract/common.ts'

export type ActFacts = {
  action: Action
  actor_id: string | null
  actor_is_staff: boolean
  /** The reader's level on what the act was about: 0 none … 4 manage. */
  level: number
}
export type Reader = {
  id: string
  /** Administrators and auditors who read the log of the firm as a whole. */
  whole_log: boolean
}

/** What goes wrong inside, who was refused, who got mail: the business of whoever manages the thing. */
const INTERNAL = new Set<Action>(['access.refused', 'job.dead', 'incident.noticed', 'mail.sent'])

/**
 * Whoever manages a thing sees all that happened to it. Everybody sees their own acts, and the firm's (its staff's, the
 * portal's own) on what they may see. What other clients do is none of theirs.
 */
export function maySeeAct(act: ActFacts, reader: Reader): boolean {
  if (reader.whole_log || act.level >= levelNumber('manage')) return true
  if (act.actor_id === reader.id) return true
  if (act.level < levelNumber('view') || INTERNAL.has(act.action)) return false
  return act.actor_id === null || act.actor_is_staff
}
