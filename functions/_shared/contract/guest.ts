/** People from outside on a project: with an end, and with somebody of the firm who answers for them. */
import { z } from 'zod'
import { Time, Who } from './common.ts'

export const Guest = z
  .object({
    person: Who.extend({ email: z.string(), joined: z.boolean() }),
    sponsor: Who,
    valid_until: Time,
    /** The reader answers for them: may let them stay longer. */
    own: z.boolean()
  })
  .meta({ id: 'Guest' })
export type Guest = z.infer<typeof Guest>

export const Guests = z.object({
  items: z.array(Guest),
  /** Days that a guest may stay at most, from now. */
  days_max: z.int()
})

/** One of the three: another end, the asker as sponsor, or a full account that stays. */
export const GuestChange = z.union([
  z.object({ valid_until: Time }).strict(),
  z.object({ take_over: z.literal(true) }).strict(),
  z.object({ stays: z.literal(true) }).strict()
])
export type GuestChange = z.infer<typeof GuestChange>
