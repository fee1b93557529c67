/** Several documents, or what is in a folder, as one ZIP. */
import { z } from 'zod'
import { Id } from './common.ts'

/** Documents that are named one by one; more are taken as their folder. */
export const MAX_NAMED = 200

/** Either a folder (or project) or documents of one project. */
export const ArchiveWish = z
  .object({
    folder: Id.optional(),
    document: z
      .union([Id.transform((id) => [id]), z.array(Id).max(MAX_NAMED)])
      .optional()
      .meta({ description: `Up to ${MAX_NAMED} ids, all of one project.` })
  })
  .refine((wish) => (wish.folder === undefined) !== (wish.document === undefined), {
    message: 'either folder or document',
    path: ['folder']
  })
export type ArchiveWish = z.infer<typeof ArchiveWish>

/** Why a document that may be seen does not come along. */
export const LeftOut = z.enum(['view_only', 'held', 'not_checked'])
export type LeftOut = z.infer<typeof LeftOut>

/** What a ZIP would hold. */
export const ArchiveContents = z
  .object({
    /** Of the ZIP. */
    name: z.string(),
    count: z.int(),
    /** Bytes of all files. */
    size: z.number(),
    left_out: z.array(z.object({ name: z.string(), why: LeftOut })),
    /** Bytes and files that one ZIP may have. */
    max_size: z.number(),
    max_count: z.int()
  })
  .meta({ id: 'ArchiveContents' })
export type ArchiveContents = z.infer<typeof ArchiveContents>
