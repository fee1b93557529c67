/**
 * A slice of a ZIP (design §1): the function gets presigned URLs of the originals that come next and of the parts that it
 * may fill, and says how far it came. Every part but the last is `part_size` long, so a slice that is done again makes the
 * same parts.
 */
import { z } from 'zod'
import { answerOf } from './job.ts'

/** What does not fill a part yet waits in an object of its own, behind the state of an unfinished file's SHA-256. */
const Carry = z.object({
  key: z.string(),
  /** Bytes of the hash's state, then bytes of the ZIP. */
  state: z.int().min(0),
  size: z.int().min(0)
})

export const ArchiveCursor = z.object({
  /** The number of the part that is filled next. */
  part: z.int().min(1),
  carry: Carry,
  /** The file that is half in; `read`: its bytes so far, `offset`: where its header begins. */
  file: z
    .object({ place: z.int(), offset: z.int().min(0), read: z.int().min(0), crc: z.int().min(0) })
    .nullable()
})
export type ArchiveCursor = z.infer<typeof ArchiveCursor>

export const ArchiveSource = z.object({
  place: z.int(),
  path: z.string(),
  url: z.url(),
  /** Bytes. */
  size: z.int().min(0),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  at: z.iso.datetime({ offset: true })
})
export type ArchiveSource = z.infer<typeof ArchiveSource>

/** At least two parts: the last one is never filled, so that what a file's chunk has too much finds room. */
export const ArchiveRequest = z.object({
  job: z.uuid(),
  kind: z.literal('archive'),
  attempt: z.int().min(1),
  cursor: ArchiveCursor.nullable(),
  part_size: z.int().min(1),
  files: z.array(ArchiveSource),
  parts: z.array(z.object({ number: z.int().min(1), url: z.url() })).min(2),
  carry: z.object({ get: z.url().nullable(), put: z.url(), key: z.string() })
})
export type ArchiveRequest = z.infer<typeof ArchiveRequest>

export const ArchiveSlice = z.object({
  step: z.literal('slice'),
  /** Whole now. */
  files: z.array(z.object({ place: z.int(), offset: z.int(), crc: z.int() })),
  /** Not in the store any more, and left out. */
  gone: z.array(z.int()),
  parts: z.array(z.object({ number: z.int(), etag: z.string() })),
  /** Bytes of files that this slice put in. */
  bytes: z.int()
})
export type ArchiveSlice = z.infer<typeof ArchiveSlice>

export const ArchiveAnswer = answerOf(ArchiveSlice, ArchiveCursor)
export type ArchiveAnswer = z.infer<typeof ArchiveAnswer>
