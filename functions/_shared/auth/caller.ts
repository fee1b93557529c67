/** Whoever calls, as every function knows them. */
import { z } from 'zod'
import { Id, Locale, Time } from '../contract/common.ts'
import { StaffRole } from '../contract/person.ts'

export const Caller = z.object({
  /** Of an API key: its own id. */
  session_id: Id,
  /** 1: only the password was shown; 2: the second factor too. */
  factors: z.int(),
  expires_at: Time,
  id: Id,
  name: z.string(),
  email: z.string(),
  staff_role: StaffRole.nullable(),
  locale: Locale,
  time_zone: z.string(),
  firm_name: z.string(),
  has_second_factor: z.boolean(),
  stale: z.boolean()
})
/** A signed-in person and the session they came with. */
export type Caller = z.infer<typeof Caller>
