/** The portal's own work: what waits, and what was given up. */
import { z } from 'zod'
import { Id, Time } from './common.ts'

export const WaitingJobs = z
  .object({
    /** arrive, scan, preview, … */
    kind: z.string(),
    waiting: z.int(),
    active: z.int(),
    /** When the oldest of them was made. */
    oldest_at: Time
  })
  .meta({ id: 'WaitingJobs' })
export type WaitingJobs = z.infer<typeof WaitingJobs>

/** The last hour. */
export const RecentJobs = z
  .object({
    done: z.array(z.object({ kind: z.string(), done: z.int() })),
    /** What failed, by kind, function and cause. */
    failed: z.array(
      z.object({
        kind: z.string(),
        /** The function that was called; null: it did not get so far. */
        called: z.string().nullable(),
        /** A code, or an error's name. */
        cause: z.string(),
        /** Tries, also earlier ones where they go on alike. */
        times: z.int(),
        jobs: z.int(),
        last_at: Time
      })
    )
  })
  .meta({ id: 'RecentJobs' })
export type RecentJobs = z.infer<typeof RecentJobs>

export const DeadLetter = z
  .object({
    id: Id,
    kind: z.string(),
    /** A code, or what the program said. */
    reason: z.string().nullable(),
    attempts: z.int(),
    created_at: Time,
    died_at: Time,
    /** null: none, or none that the reader may see. */
    project: z.object({ id: Id, name: z.string() }).nullable()
  })
  .meta({ id: 'DeadLetter' })
export type DeadLetter = z.infer<typeof DeadLetter>

export const Again = z.object({ ids: z.array(Id).min(1).max(500) })
/** Those that begin anew; the same work of others waits or runs already, or they were not dead any more. */
export const Begun = z.object({ ids: z.array(Id) })

/** One end of an attempt, or several alike one after the other (`times`). */
export const JobAttempt = z
  .object({
    /** lapsed: its worker did not come back; dead: given up; again: begun anew by a person. */
    outcome: z.enum(['failed', 'lapsed', 'dead', 'again']),
    attempt: z.int(),
    /** A code, or what the program said. */
    error: z.string().nullable(),
    /** The function that was called; null: none, or it did not get so far. */
    called: z.string().nullable(),
    times: z.int(),
    first_at: Time,
    last_at: Time
  })
  .meta({ id: 'JobAttempt' })
export type JobAttempt = z.infer<typeof JobAttempt>

/** A dead letter with what it went through, the newest first. */
export const DeadLetterHistory = DeadLetter.extend({ history: z.array(JobAttempt) }).meta({
  id: 'DeadLetterHistory'
})
export type DeadLetterHistory = z.infer<typeof DeadLetterHistory>
