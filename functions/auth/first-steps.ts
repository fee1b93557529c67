/** What the log and a person's wishes say about their first steps. */
import { z } from 'zod'
import { FirstStep } from '../_shared/contract/first-steps.ts'
import { type Session, blocks, row, run } from '../_shared/db/database.ts'
import type { FirstStepFacts, Remembered } from '../_shared/rules/first-steps.ts'

const sql = blocks<'facts' | 'remember'>(new URL('./first-steps.sql', import.meta.url))

const Facts = z.object({
  acts: z.array(z.string()),
  many: z.boolean(),
  chose_notices: z.boolean(),
  skipped: z.array(FirstStep),
  again: z.boolean()
})

export async function firstStepFacts(
  on: Session,
  person: { id: string; staff_role: string | null }
): Promise<FirstStepFacts> {
  const facts = await row(on, sql('facts'), [person.id, person.staff_role !== null], Facts)
  if (!facts) throw new Error('a select without a table gives one row')
  return { ...facts, staff_role: person.staff_role }
}

export const rememberFirstSteps = (on: Session, person_id: string, { skipped, again }: Remembered) =>
  run(on, sql('remember'), [person_id, skipped, again])
