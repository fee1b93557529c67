/** Deputies: somebody of the firm is away, and a colleague does their work in a window. */
import { z } from 'zod'
import { Id, Time, Who } from './common.ts'

export const NewDeputy = z.object({
  /** Who is away; null: oneself. For others administrators name. */
  absent_id: Id.nullable().default(null),
  deputy_id: Id,
  /** Half-open [from, until), UTC; null: from now on. */
  valid_from: Time.nullable().default(null),
  valid_until: Time
})
export type NewDeputy = z.infer<typeof NewDeputy>

export const Deputyship = z
  .object({
    id: Id,
    absent: Who,
    deputy: Who,
    valid_from: Time,
    valid_until: Time,
    named_by: Who,
    /** It has begun. */
    begun: z.boolean(),
    /** False: one of both accounts is closed or of another kind now, so that it gives nothing. */
    works: z.boolean()
  })
  .meta({ id: 'Deputyship' })
export type Deputyship = z.infer<typeof Deputyship>

/** One that somebody else named, told to who is away, to the deputy and to the other administrators. */
export const ToldDeputyship = Deputyship.omit({ begun: true, works: true })
  .extend({
    /** Before its time; null: not. */
    ended_at: Time.nullable()
  })
  .meta({ id: 'ToldDeputyship' })
export type ToldDeputyship = z.infer<typeof ToldDeputyship>

/** What the reader was told and has not said that they read, newest first. */
export const ToldDeputies = z.object({ items: z.array(ToldDeputyship) })
export type ToldDeputies = z.infer<typeof ToldDeputies>

/** Of one person, what is or will be: who does their work, and whose they do. */
export const Deputies = z
  .object({
    person: Who,
    deputies: z.array(Deputyship),
    stands_in: z.array(Deputyship),
    /** Who can be named; never whoever asks. */
    possible: z.array(Who)
  })
  .meta({ id: 'Deputies' })
export type Deputies = z.infer<typeof Deputies>

/** Somebody whose work one does now, and until when. */
export const StandsIn = Who.extend({ until: Time })
export type StandsIn = z.infer<typeof StandsIn>
