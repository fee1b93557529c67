/** Recovery codes' rows: made ten at a time in the place of those before, each used once. */
import { z } from 'zod'
import { hashRecoveryCode, newRecoveryCodes } from '../_shared/auth/recovery-code.ts'
import { Time } from '../_shared/contract/common.ts'
import type { MadeRecoveryCodes } from '../_shared/contract/factor.ts'
import { type Session, blocks, row, run } from '../_shared/db/database.ts'
import { tellRecovered } from './factor-mail.ts'

const sql = blocks<'state' | 'forget' | 'make' | 'use' | 'left'>(new URL('./recovery.sql', import.meta.url))

type On = Parameters<typeof row>[0]

const Made = z.object({ made_at: Time })
const Left = z.object({ left: z.int() })

/** How many are left, and since when; null: none were made. */
export const recoveryState = (on: On, personId: string) =>
  row(on, sql('state'), [personId], Left.extend({ made_at: Time }))

/** Ten new ones; those before end. The person's row must be locked: of two sets made at once one would be mixed in. */
export async function makeRecoveryCodes(session: Session, personId: string): Promise<MadeRecoveryCodes> {
  await run(session, sql('forget'), [personId])
  const codes = newRecoveryCodes()
  const hashes = codes.map((code) => hashRecoveryCode(personId, code))
  const made = await row(session, sql('make'), [personId, hashes], Made)
  if (!made) throw new Error('recovery codes were not written')
  return { codes, made_at: made.made_at }
}

/** Uses a code up; how many are left, or null: it is none, or was used. The person gets a mail. */
export async function useRecoveryCode(
  session: Session,
  personId: string,
  code: string
): Promise<number | null> {
  const used = await row(session, sql('use'), [personId, hashRecoveryCode(personId, code)], Made)
  if (!used) return null
  const left = (await row(session, sql('left'), [personId], Left))?.left ?? 0
  await tellRecovered(session, personId, left)
  return left
}
