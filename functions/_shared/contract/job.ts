/**
 * The protocol of the functions that parse strangers' bytes (design §1). They hold no credentials: a job brings
 * presigned URLs of exactly its input and outputs, and the answer says what was made.
 */
import { z } from 'zod'
import { PreviewResult, ScanResult } from './document.ts'

/**
 * Pages that one call of preview makes at most, what two cores draw of a book in most of a second; the connector brings
 * output slots for so many. At each call's end two workers wait for the last files to be stored.
 */
export const PAGES_PER_CALL = 80
/** Pages that the first call makes: page one is on the screen before the rest is begun. */
export const PAGES_OF_FIRST_CALL = 2
/** Pixels. */
export const PAGE_WIDTH = 1240
export const THUMBNAIL_WIDTH = 160

/** What an output is for. `text` is the JSON of PageText (contract/document.ts). */
export const OutputRole = z.enum(['image', 'thumbnail', 'text'])
export type OutputRole = z.infer<typeof OutputRole>

/** The Content-Type that each output is PUT with. */
export const OUTPUT_TYPE: Record<OutputRole, string> = {
  image: 'image/jpeg',
  thumbnail: 'image/jpeg',
  text: 'application/json'
}

/** The object that a job is about. */
export const JobInput = z.object({
  /** Presigned GET of one version of one object. */
  url: z.url(),
  /** Bytes, as the database has it. */
  size: z.int().min(0),
  /** The document's name; only its ending matters. */
  name: z.string(),
  declared_type: z.string()
})
export type JobInput = z.infer<typeof JobInput>

/** A place for one output: `key` in the derived bucket under the job's own prefix, `url` its presigned PUT. */
export const OutputSlot = z.object({ page: z.int().min(1), role: OutputRole, key: z.string(), url: z.url() })
export type OutputSlot = z.infer<typeof OutputSlot>

const JobBase = z.object({ job: z.uuid(), attempt: z.int().min(1), input: JobInput })

export const ScanRequest = JobBase.extend({ kind: z.literal('scan') })
export type ScanRequest = z.infer<typeof ScanRequest>

/** Where preview goes on. The connector reads `next_page` to make slots and hands the rest back as it came. */
export const PreviewCursor = z.object({
  next_page: z.int().min(1),
  /** Pages so far that could not be shown. */
  broken: z.int().min(0).default(0)
})
export type PreviewCursor = z.infer<typeof PreviewCursor>

/**
 * Slots for the pages from `cursor.next_page` (from 1 without a cursor) on, three a page; slots beyond the last page
 * stay unused.
 */
export const PreviewRequest = JobBase.extend({
  kind: z.literal('preview'),
  cursor: PreviewCursor.nullish(),
  output: z.array(OutputSlot).max(PAGES_PER_CALL * 3)
})
export type PreviewRequest = z.infer<typeof PreviewRequest>

export const JobRequest = z.discriminatedUnion('kind', [ScanRequest, PreviewRequest])
export type JobRequest = z.infer<typeof JobRequest>

/** Who scanned, as clamd says it of itself. */
export const Scanner = z.object({
  engine: z.string().max(60),
  /** The number of its daily database; null: it has none. */
  signatures: z.int().nullable(),
  /** When that was made. */
  dated_at: z.iso.datetime().nullable()
})
export type Scanner = z.infer<typeof Scanner>

/** What scan says of the scanner when nothing is to be scanned. `null`: there is none. */
export const ScannerSeen = z.object({
  scanner: Scanner.nullable(),
  problem: z.enum(['scanner_away', 'scanner_out_of_date']).nullable()
})
export type ScannerSeen = z.infer<typeof ScannerSeen>
export const ScannerRequest = z.object({ job: z.uuid(), kind: z.literal('scanner') })

/** The clock's acts. */
export const ClockAct = z.enum([
  'reconcile_recent',
  'reconcile_all',
  'sweep_uploads',
  'empty_trash',
  'sweep_archives',
  'guests',
  'locks',
  'emergencies',
  'backups',
  'scanner',
  'clean_up'
])
export type ClockAct = z.infer<typeof ClockAct>

export const ScanFound = z.object({
  /** Bytes read; always the declared size. */
  size: z.int(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  detected_type: z.string(),
  name_matches_type: z.boolean(),
  scan_result: ScanResult,
  /** The scanner's name of what it found, or why it did not scan. */
  scan_detail: z.string().max(300).nullable(),
  /** null: no scanner looked at it. */
  scanner: Scanner.nullish().transform((value) => value ?? null)
})
export type ScanFound = z.infer<typeof ScanFound>

export const PageMade = z.object({
  no: z.int().min(1),
  /** Pixels of the page image. */
  width: z.int().min(1),
  height: z.int().min(1),
  image_key: z.string(),
  thumbnail_key: z.string(),
  /** null: the page has no text. */
  text_key: z.string().nullable()
})
export type PageMade = z.infer<typeof PageMade>

export const PreviewMade = z.object({
  /** The pages that this call made, in order. A page that is broken in itself is left out. */
  pages: z.array(PageMade).max(PAGES_PER_CALL),
  /** null: not known (it could not be opened). */
  page_count: z.int().min(0).nullable(),
  /** null while the job goes on. */
  preview_result: PreviewResult.nullable(),
  /** Why it is not complete, as a short code: "password", "pages", "pixels", "memory", "time", "type:video/mp4" … */
  reason: z.string().max(300).nullable()
})
export type PreviewMade = z.infer<typeof PreviewMade>

/** What every job's function answers with 200. Another status means that nobody can say what became of the job. */
export const answerOf = <Result extends z.ZodType, Cursor extends z.ZodType>(
  result: Result,
  cursor: Cursor
) =>
  z.discriminatedUnion('outcome', [
    z.object({ outcome: z.literal('done'), result }),
    z.object({ outcome: z.literal('continue'), cursor, result }),
    z.object({ outcome: z.literal('retry'), after_seconds: z.number().min(0), reason: z.string() }),
    z.object({ outcome: z.literal('refused'), reason: z.string() })
  ])

export const ScanAnswer = answerOf(ScanFound, z.never())
export type ScanAnswer = z.infer<typeof ScanAnswer>
export const PreviewAnswer = answerOf(PreviewMade, PreviewCursor)
export type PreviewAnswer = z.infer<typeof PreviewAnswer>
/** Any kind's answer, its result not yet looked at. */
export const JobAnswer = answerOf(z.unknown(), z.unknown())
export type JobAnswer = z.infer<typeof JobAnswer>

/**
 * One page's image burned for one viewer. Not a job: documents and sharing call it while somebody waits, with a token
 * of their own (audience watermark, subject the viewer), and stream the image/jpeg that comes back.
 */
export const WatermarkRequest = z.object({
  /** Presigned GET of the derived page image or thumbnail. */
  page_image: z.object({ url: z.url() }),
  /** Who looks, when, a number to find it again by. Drawn over the whole page. */
  mark: z.object({ lines: z.array(z.string().trim().min(1).max(120)).min(1).max(4) })
})
export type WatermarkRequest = z.infer<typeof WatermarkRequest>
