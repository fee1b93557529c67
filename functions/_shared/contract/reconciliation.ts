/** The night's comparison of store and database, as it stands. */
import { z } from 'zod'
import { Id, Time } from './common.ts'

export const Reconciliation = z
  .object({
    id: Id,
    begun_at: Time,
    /** null: it is under way. */
    ended_at: Time.nullable(),
    /** Looked at: objects of the store, versions of the database. */
    objects: z.number(),
    versions: z.number(),
    /** Repaired: objects that nobody had told of, versions whose pages are drawn again, acts that the log lacked. */
    inbox_rows: z.int(),
    redrawn: z.int(),
    acts: z.int(),
    /** Only reported: versions without their object; objects, drops and files of pages that are nobody's. */
    dangling: z.int(),
    orphans: z.int(),
    drops: z.int(),
    leftovers: z.int(),
    /** The first 50 of what is only reported, files of pages left out. */
    findings: z.array(
      z.object({ kind: z.enum(['dangling', 'orphan', 'drop']), key: z.string(), document_id: Id.nullable() })
    )
  })
  .meta({ id: 'Reconciliation' })
export type Reconciliation = z.infer<typeof Reconciliation>

export const Reconciliations = z
  .object({
    /** The one under way; null: none. */
    running: Reconciliation.nullable(),
    /** The last one that came to its end; null: none ever did. */
    last: Reconciliation.nullable()
  })
  .meta({ id: 'Reconciliations' })
export type Reconciliations = z.infer<typeof Reconciliations>
