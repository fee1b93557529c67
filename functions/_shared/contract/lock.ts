/** Locks that come by themselves: at a date, or so many days after a document was uploaded or last changed. */
import { z } from 'zod'
import { Id, Time, Who } from './common.ts'
import { MAX_SHOWN } from './values.ts'

/** What counts as a change is a new version. */
export const COUNTS_FROM = ['upload', 'change'] as const
const CountsFrom = z.enum(COUNTS_FROM)

/** Of a thing the lock that is there, or that comes next. */
export const LockShown = z
  .object({
    id: Id,
    /** True: out of sight; false: view only. */
    hides: z.boolean(),
    at: Time,
    /** It counts from the document's own day, and may pass over it. */
    counts: z.boolean()
  })
  .meta({ id: 'LockShown' })
export type LockShown = z.infer<typeof LockShown>

export const NewLock = z
  .object({
    thing_id: Id,
    hides: z.boolean(),
    /** From then on, the thing and all that is in it; in the past: at once. */
    at: Time.nullable().default(null),
    /** Else each document of it (or it itself), so many days after this. */
    counts_from: CountsFrom.nullable().default(null),
    days: z.int().min(1).max(3_650).nullable().default(null),
    /** So many days before, whom it concerns is told. A lock that counts does not begin before these are over. */
    notice_days: z.int().min(0).max(90).default(7)
  })
  .refine((lock) => (lock.counts_from === null) === (lock.days === null), {
    path: ['days'],
    message: 'days are counted from something'
  })
  .refine((lock) => (lock.at === null) !== (lock.counts_from === null), {
    path: ['at'],
    message: 'either at a date, or so many days after something'
  })
export type NewLock = z.infer<typeof NewLock>

export const Lock = z
  .object({
    id: Id,
    thing: z.object({ id: Id, kind: z.enum(['project', 'folder', 'document']), name: z.string() }),
    project: Who,
    hides: z.boolean(),
    /** When it begins; one that counts: not before. */
    from: Time,
    counts_from: CountsFrom.nullable(),
    days: z.int().nullable(),
    notice_days: z.int(),
    /** How many documents it passes over. */
    exceptions: z.int(),
    made_by: Who,
    made_at: Time
  })
  .meta({ id: 'Lock' })
export type Lock = z.infer<typeof Lock>

/** Of one project, or of all. */
export const LockQuery = z.object({ project_id: Id.optional() })
export const LockException = z.object({ document_id: Id })

/** What the firm brings here waits until a second one of the firm releases it. */
export const FourEyes = z.object({ four_eyes: z.boolean() })

/** Of each document the version that was looked at: a newer one is not released with it. */
export const ShowWish = z.object({
  versions: z
    .array(z.object({ document_id: Id, no: z.int().min(1).max(1_000_000) }))
    .min(1)
    .max(MAX_SHOWN)
    .meta({ description: `Up to ${MAX_SHOWN} versions of documents of one project.` })
})

/** What became of each. `own`: whoever uploaded it does not release it; `not_waiting`: it is released, or no such version. */
export const ShownVersions = z
  .object({
    things: z.array(
      z.object({
        id: Id,
        no: z.int(),
        outcome: z.enum(['done', 'not_found', 'forbidden', 'own', 'not_waiting'])
      })
    )
  })
  .meta({ id: 'ShownVersions' })
export type ShownVersions = z.infer<typeof ShownVersions>
