/** The code that an administrator said to somebody who has lost every factor, at the second door. Made in admin/way-in.ts. */
import { z } from 'zod'
import { shortCodeMatches } from '../_shared/auth/short-code.ts'
import { Id } from '../_shared/contract/common.ts'
import type { Act } from '../_shared/db/audit.ts'
import { type Session, blocks, row, run } from '../_shared/db/database.ts'
import { tellWayInUsed } from './factor-mail.ts'
import { endOtherSessions } from './password.ts'

const sql = blocks<'find' | 'use' | 'take_factors'>(new URL('./way-in.sql', import.meta.url))

type On = Parameters<typeof row>[0]

const Kept = z.object({ id: Id, hash: z.string() })
const Used = z.object({ made_by: Id, confirmed_by: Id.nullable() })

/** The id of somebody's code if this is it; null: it is not, or opens nothing. Takes as long either way. */
export async function matchWayIn(on: On, personId: string, code: string): Promise<string | null> {
  const kept = await row(on, sql('find'), [personId], Kept)
  return (await shortCodeMatches(kept?.hash ?? null, code)) ? (kept?.id ?? null) : null
}

/**
 * Uses the code up: all factors, recovery codes and sessions of the person end, and a mail tells of it.
 *
 * @returns false: somebody was faster, or it was withdrawn meanwhile
 */
export async function useWayIn(
  session: Session,
  acts: Act[],
  personId: string,
  id: string,
  detail: Record<string, string>
): Promise<boolean> {
  const used = await row(session, sql('use'), [id], Used)
  if (!used) return false
  await run(session, sql('take_factors'), [personId])
  await endOtherSessions(session, acts, personId)
  acts.push({
    action: 'way_in.used',
    actor_id: personId,
    subject_id: personId,
    facts: { way_in_id: id, ...used },
    detail
  })
  await tellWayInUsed(session, personId, id)
  await run(session, 'select announce($1)', [`person:${used.made_by}`])
  return true
}
