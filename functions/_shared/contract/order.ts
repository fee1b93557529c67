/** Keeping order: names, places, the trash. */
import { z } from 'zod'
import { Id, Name, Time, Who } from './common.ts'
import { MAX_THINGS } from './values.ts'

export const Rename = z.object({ name: Name })

const Things = z
  .array(Id)
  .min(1)
  .max(MAX_THINGS)
  .meta({ description: `Up to ${MAX_THINGS} documents and folders of one project.` })
export const ThingsWish = z.object({ things: Things })
/** Into a folder of the same or another project of their client. */
export const CopyWish = z.object({ things: Things, folder_id: Id })
export const MoveWish = z.object({ things: Things, folder_id: Id })

/**
 * What became of each. `partly`: a copy of a folder without what may not be downloaded or is not checked yet;
 * `into_itself`: a folder cannot lie in itself; `not_ready`: it is still being checked, or held back;
 * `too_large`: beyond what is copied at once.
 */
export const Outcome = z.enum([
  'done',
  'partly',
  'not_found',
  'forbidden',
  'into_itself',
  'not_ready',
  'too_large'
])
export const Outcomes = z.object({ things: z.array(z.object({ id: Id, outcome: Outcome })) }).meta({
  id: 'Outcomes'
})
export type Outcomes = z.infer<typeof Outcomes>

/** Something in the trash, for somebody who may take it out. */
export const Trashed = z
  .object({
    /** Of the document or folder. */
    id: Id,
    kind: z.enum(['document', 'folder']),
    name: z.string(),
    by: Who,
    at: Time,
    /** When it is removed for good. */
    until: Time
  })
  .meta({ id: 'Trashed' })
export type Trashed = z.infer<typeof Trashed>

/** Something that is gone for good: what is left is that it was there. `by`: null, its time had come. */
export const Gone = z
  .object({
    id: Id,
    kind: z.enum(['document', 'folder']),
    name: z.string(),
    by: Who.nullable(),
    at: Time,
    /** Of a document's last current version. */
    sha256: z.string().nullable()
  })
  .meta({ id: 'Gone' })
export type Gone = z.infer<typeof Gone>
