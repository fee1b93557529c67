/** Another address for an account, and the way back from it. */
import { z } from 'zod'
import { emailKey } from '../_shared/auth/email.ts'
import { Id } from '../_shared/contract/common.ts'
import { type Session, blocks, row } from '../_shared/db/database.ts'
import { Problem, notFound } from '../_shared/problem.ts'

const sql = blocks<'set' | 'present'>(new URL('./email.sql', import.meta.url))

/** The account's address, its row locked. Throws not_found for who is deactivated. */
export async function presentEmail(on: Session, person_id: string): Promise<string> {
  const person = await row(on, sql('present'), [person_id], z.object({ email: z.string() }))
  if (!person) throw notFound()
  return person.email
}

/** Throws email_taken when somebody else has it. */
export async function setEmail(on: Session, person_id: string, before: string, email: string): Promise<void> {
  const values = [person_id, email, emailKey(before), emailKey(email)]
  const set = await row(on, sql('set'), values, z.object({ id: Id })).catch((cause: unknown) => {
    if (cause instanceof Error && 'constraint' in cause && cause.constraint === 'person_email_key_key')
      throw new Problem('email_taken', 'Somebody else has this address.', { cause })
    throw cause
  })
  if (!set) throw new Problem('conflict', 'The address was changed meanwhile.')
}
