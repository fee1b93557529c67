/**
 * All of somebody's sessions end by another's hand: with the account, and with each rise in rights, so that a token seen
 * before it is worth nothing afterwards.
 */
import { z } from 'zod'
import { Id } from '../contract/common.ts'
import type { Act } from '../db/audit.ts'
import { type Session, blocks, rows } from '../db/database.ts'

const sql = blocks<'end_sessions'>(new URL('./end-sessions.sql', import.meta.url))

/** @param actor_id null: the provider's word */
export async function endSessions(
  session: Session,
  actor_id: string | null,
  person_id: string,
  acts: Act[]
): Promise<void> {
  for (const { id } of await rows(session, sql('end_sessions'), [person_id], z.object({ id: Id })))
    acts.push({ action: 'session.ended', actor_id, subject_id: id, facts: { person_id } })
}
