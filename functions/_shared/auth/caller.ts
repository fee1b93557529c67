/** Whoever calls, as every function knows them. */
import { z } from 'zod'
import { Id, Locale, Time, Who } from '../contract/common.ts'
import { StandsIn } from '../contract/deputy.ts'
import { NextStep, StaffRole } from '../contract/person.ts'

/** While somebody of the firm sees what a client sees: who looks, with whose eyes, and until when. */
export const Seeing = z.object({ by: Id, as: Who, until: Time })
export type Seeing = z.infer<typeof Seeing>

export const Caller = z.object({
  /** Of an API key: its own id. */
  session_id: Id,
  /** 1: only the password was shown; 2: the second factor too. */
  factors: z.int(),
  expires_at: Time,
  /** Of one who sees as a client: the look's own. The name stays that of who looks. */
  id: Id,
  name: z.string(),
  email: z.string(),
  staff_role: StaffRole.nullable(),
  locale: Locale,
  time_zone: z.string(),
  firm_name: z.string(),
  /** What they can show at the second door, whether or not the firm still allows it. */
  has_second_factor: z.boolean(),
  /** In by the password alone, because no second factor was due. */
  alone: z.boolean(),
  /** What is still to be done before they are in; `done` lets in. */
  owes: NextStep,
  /** By when a second factor must stand; null: one does, or none is asked for. */
  factor_due: Time.nullable(),
  stale: z.boolean(),
  /** The last factor was shown too long ago for what is sensitive (proof.ts); of an API key never. */
  proof_due: z.boolean(),
  /** By whom at the firm's provider the session began; null: by a password, a passkey, an API key. */
  identity_id: Id.nullable(),
  seeing: Seeing.nullable(),
  /** Whose work they do now, besides their own (infra/postgres/migrations/0055_deputies.sql). */
  stands_in: z.array(StandsIn)
})
/** A signed-in person and the session they came with. */
export type Caller = z.infer<typeof Caller>
