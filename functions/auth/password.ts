/** A password that takes another one's place. Every other session ends with it (ASVS 5.0 7.4.3). */
import { z } from 'zod'
import { Id } from '../_shared/contract/common.ts'
import type { Act } from '../_shared/db/audit.ts'
import { type Session, blocks, row, rows } from '../_shared/db/database.ts'
import { hashPassword } from '../_shared/auth/password.ts'
import { standsAlone } from '../_shared/rules/password.ts'

const sql = blocks<'account' | 'set' | 'end_sessions'>(new URL('./password.sql', import.meta.url))

const AccountRow = z.object({
  email: z.string(),
  name: z.string(),
  password_hash: z.string().nullable(),
  second_factor: z.boolean(),
  password_opens: z.boolean(),
  firm: z.string()
})
const Found = z.object({ id: Id })
const EndedSession = z.object({ id: Id, factors: z.int() })

/** What a new password is measured by; null for who is deactivated. */
export const passwordAccount = (on: Parameters<typeof row>[0], id: string) =>
  row(on, sql('account'), [id], AccountRow)

/** A password as it is kept: its hash, and whether it is long enough to open by itself. */
export type KeptPassword = { hash: string; alone: boolean }

export const keptPassword = async (password: string): Promise<KeptPassword> => ({
  hash: await hashPassword(password),
  alone: standsAlone(password)
})

/** False: somebody was faster, or there is no password to be replaced. */
export const setPassword = async (on: Session, id: string, kept: KeptPassword, before: string | null) =>
  (await row(on, sql('set'), [id, kept.hash, before, kept.alone], Found)) !== null

/**
 * Ends somebody's sessions and forgets their browsers.
 *
 * @param but the session and the browser that stay
 */
export async function endOtherSessions(
  on: Session,
  acts: Act[],
  person_id: string,
  but: { session_id: string; device: Buffer | null } | null = null
): Promise<number> {
  const ended = await rows(
    on,
    sql('end_sessions'),
    [person_id, but?.session_id ?? null, but?.device ?? null],
    EndedSession
  )
  for (const { id, factors } of ended)
    acts.push({ action: 'session.ended', actor_id: person_id, subject_id: id, facts: { factors } })
  return ended.length
}
