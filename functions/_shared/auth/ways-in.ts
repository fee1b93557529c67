/** Codes that let somebody in without their factors (admin/way-in.ts) end: by an administrator's hand, or the provider's word. */
import { z } from 'zod'
import { Id } from '../contract/common.ts'
import type { Act } from '../db/audit.ts'
import { type Session, blocks, rows } from '../db/database.ts'

const sql = blocks<'withdraw' | 'withdraw_made_by'>(new URL('./ways-in.sql', import.meta.url))

/** The code, if there is one, opens nothing any more. Whether there was. */
export async function withdrawWayIn(
  session: Session,
  actor_id: string | null,
  personId: string,
  acts: Act[]
): Promise<boolean> {
  const ended = await rows(session, sql('withdraw'), [personId], z.object({ id: Id, living: z.boolean() }))
  for (const { id, living } of ended)
    if (living)
      acts.push({ action: 'way_in.withdrawn', actor_id, subject_id: personId, facts: { way_in_id: id } })
  return ended.some((one) => one.living)
}

/** Codes of somebody who runs the firm no longer open nothing. */
export async function withdrawWaysInOf(
  session: Session,
  actor_id: string | null,
  administratorId: string,
  acts: Act[]
): Promise<void> {
  const ended = await rows(
    session,
    sql('withdraw_made_by'),
    [administratorId],
    z.object({ id: Id, person_id: Id })
  )
  for (const { id, person_id } of ended)
    acts.push({ action: 'way_in.withdrawn', actor_id, subject_id: person_id, facts: { way_in_id: id } })
}
