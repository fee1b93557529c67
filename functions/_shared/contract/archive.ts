/** Several documents, or what is in a folder, as one ZIP. */
import { z } from 'zod'
import { Id, Time } from './common.ts'

/** Documents that are named one by one; more are taken as their folder. */
export const MAX_NAMED = 200

/** Either a folder (or project) or documents of one project. */
export const ArchiveWish = z
  .object({
    folder: Id.optional(),
    document: z
      .union([Id.transform((id) => [id]), z.array(Id).min(1).max(MAX_NAMED)])
      .optional()
      .meta({ description: `Up to ${MAX_NAMED} ids, all of one project.` })
  })
  .refine((wish) => (wish.folder === undefined) !== (wish.document === undefined), {
    message: 'either folder or document',
    path: ['folder']
  })
export type ArchiveWish = z.infer<typeof ArchiveWish>

/**
 * Why a document that may be seen does not come along; or, of a ZIP that is made by and by, did not: `replaced` by a newer
 * version meanwhile, `gone` into the trash or out of one's reach.
 */
export const LeftOut = z.enum(['view_only', 'held', 'not_checked', 'replaced', 'gone'])
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
    max_count: z.int(),
    /** And one that is made in the background. */
    order_max_size: z.number(),
    order_max_count: z.int()
  })
  .meta({ id: 'ArchiveContents' })
export type ArchiveContents = z.infer<typeof ArchiveContents>

export const ArchiveState = z.enum(['waiting', 'making', 'ready', 'failed', 'expired'])
export type ArchiveState = z.infer<typeof ArchiveState>

/** Why it waits (`store_away`, `store_full`), or why it failed. */
export const ArchiveTrouble = z.enum(['store_away', 'store_full', 'nothing_left', 'damaged', 'broken'])
export type ArchiveTrouble = z.infer<typeof ArchiveTrouble>

/** A ZIP that was ordered. It is its maker's alone. */
export const OrderedArchive = z
  .object({
    id: Id,
    name: z.string(),
    project: z.object({ id: Id, name: z.string() }),
    /** What was wished, to order it anew: either one. */
    folder: Id.nullable(),
    document: z.array(Id).nullable(),
    state: ArchiveState,
    trouble: ArchiveTrouble.nullable(),
    /** Files and their bytes, as ordered; bytes that are in. */
    count: z.int(),
    size: z.number(),
    done_size: z.number(),
    /** Bytes of the ZIP, once it is ready. */
    zip_size: z.number().nullable(),
    left_out_count: z.int(),
    /** The first of them. */
    left_out: z.array(z.object({ name: z.string(), why: LeftOut })),
    created_at: Time,
    ready_at: Time.nullable(),
    expires_at: Time
  })
  .meta({ id: 'OrderedArchive' })
export type OrderedArchive = z.infer<typeof OrderedArchive>

/** Where the bytes are, for a minute. */
export const ArchiveAddress = z.object({ url: z.url() }).meta({ id: 'ArchiveAddress' })
export type ArchiveAddress = z.infer<typeof ArchiveAddress>
