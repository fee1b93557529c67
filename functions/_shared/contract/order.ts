/** Keeping order: names, places, the trash. */
import { z } from 'zod'
import { Id, Name, Time, Who } from './common.ts'

export const MAX_THINGS = 200

export const Rename = z.object({ name: Name })

const Things = z
  .array(Id)
  .min(1)
  .max(MAX_THINGS)
  .meta({ description: `Up to ${MAX_THINGS} documents and folders of one project.` })
export const ThingsWish = z.object({ things: Things })
export const MoveWish = z.object({ things: Things, folder_id: Id })

/** What became of each. `into_itself`: a folder cannot lie in itself. */
export const Outcome = z.enum(['done', 'not_found', 'forbidden', 'into_itself'])
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
    at: Time
  })
  .meta({ id: 'Trashed' })
export type Trashed = z.infer<typeof Trashed>
