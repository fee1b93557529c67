/** Somebody's account as administrators look after it: what opens doors for them, and what becomes of it. */
import { z } from 'zod'
import { Id, Time } from './common.ts'
import { Person, StaffRole } from './person.ts'

const Named = z.object({ id: Id, name: z.string() })

/** A one-time code that an administrator made for somebody who has lost every factor; said over another channel. */
export const WayIn = z
  .object({
    made_by: Named,
    made_at: Time,
    expires_at: Time,
    /** It opens nothing before a second administrator confirms it. */
    waits: z.boolean(),
    confirmed_by: Named.nullable(),
    /** Whether the reader may confirm it. */
    confirmable: z.boolean()
  })
  .meta({ id: 'WayIn' })
export type WayIn = z.infer<typeof WayIn>

/** The only time that the code is to be seen. */
export const MadeWayIn = z
  .object({ code: z.string(), expires_at: Time, waits: z.boolean() })
  .meta({ id: 'MadeWayIn' })
export type MadeWayIn = z.infer<typeof MadeWayIn>

export const Account = Person.extend({
  /** The provider locked it, for want of a role there, and nobody changed that since. */
  shut_by_provider: z.boolean(),
  /** No password opens it, as the firm has switched them off for staff: they come in by the provider alone. */
  provider_only: z.boolean(),
  /** null: there is none that could be used still. */
  way_in: WayIn.nullable(),
  /** Browsers that are signed in. */
  sessions: z.int(),
  /** Living API keys; the names are their owner's words. */
  keys: z.array(Named.extend({ last_used_at: Time.nullable() })),
  /** Living links that they made. Named are those of projects that the reader manages. */
  links: z.array(
    z.object({ id: Id, recipient: z.string().nullable(), project: Named.nullable(), valid_until: Time })
  )
}).meta({ id: 'Account' })
export type Account = z.infer<typeof Account>

/** What somebody holds by themselves, that could go to somebody else when they leave. */
export const Holdings = z
  .object({
    grants: z.int(),
    links: z.int(),
    groups: z.array(z.string()),
    /** Clients that they work for, as far as the reader may know of them. */
    clients: z.array(z.string()),
    /** Projects on which they answer for guests. */
    guest_projects: z.int(),
    /** Sub-accounts that they cap. */
    employees: z.int(),
    /** Rules that act with their rights. They are not handed over: they rest until somebody saves them as their own. */
    rules: z.int(),
    /** Who can take over. */
    heirs: z.array(Named)
  })
  .meta({ id: 'Holdings' })
export type Holdings = z.infer<typeof Holdings>

/** `active`: false locks the account, true opens it again. Any of the three is enough. */
export const AccountChange = z
  .object({
    staff_role: StaffRole.optional(),
    active: z.boolean().optional(),
    /** With `active: false`, or alone for an account that is locked already: who gets what they hold. */
    hand_over_to: Id.nullable().optional()
  })
  .refine(
    (wish) => wish.staff_role !== undefined || wish.active !== undefined || Boolean(wish.hand_over_to),
    {
      error: 'staff_role, active or hand_over_to'
    }
  )
  .refine((wish) => !wish.hand_over_to || (wish.active ?? Boolean(wish.staff_role)) === false, {
    path: ['hand_over_to'],
    error: 'with active: false, or alone'
  })
export type AccountChange = z.infer<typeof AccountChange>
