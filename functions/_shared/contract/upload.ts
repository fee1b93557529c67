/** Files on their way from a browser to the store. Bytes never pass through a function. */
import { z } from 'zod'
import { Document } from './document.ts'
import { Id, Time } from './common.ts'

/** Bytes: files up to this size go in one PUT, larger ones in parts of it. */
export const PART_SIZE = 16 * 1024 * 1024
/** Bytes: S3 takes 10,000 parts; with growing parts 5 TiB, the portal stops at 50 GiB. */
export const MAX_FILE_SIZE = 50 * 1024 ** 3
/** Files created or completed in one call. */
export const MAX_BATCH = 500

export const NewUploadFile = z.object({
  /** As the browser has it; cut and cleaned by rules/name.ts. */
  name: z.string().min(1).max(4_096),
  /** Folders below the target, as the browser names them ("2025/Belege"); made if they are not there. */
  path: z.string().max(8_192).default(''),
  size: z.int().min(0).max(MAX_FILE_SIZE),
  declared_type: z.string().max(255).default('application/octet-stream'),
  /** Hex SHA-256 of the first MiB: the same file is recognised when it is picked again. */
  head_sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .nullable()
    .default(null),
  last_modified: Time.nullable().default(null),
  /** It is a new version of this document (contribute on it); else it becomes a document of its own. */
  document_id: Id.nullable().default(null)
})

export const NewUploads = z.object({ folder_id: Id, files: z.array(NewUploadFile).min(1).max(MAX_BATCH) })

/** Files that somebody is about to send into a folder: is there a document of their name? */
export const FilesToMatch = z.object({
  folder_id: Id,
  files: z
    .array(NewUploadFile.pick({ name: true, path: true }))
    .min(1)
    .max(MAX_BATCH)
})
/** `index`: which file; `newest_no`: the number of the document's newest version. Files without one are not listed. */
export const FileMatches = z
  .object({ matches: z.array(z.object({ index: z.int(), document_id: Id, newest_no: z.int() })) })
  .meta({ id: 'FileMatches' })

export const Upload = z
  .object({
    id: Id,
    /** The document that it becomes, unless it is a new version of another. */
    document_id: Id,
    /** Of which document it is a new version. */
    of_document_id: Id.nullable(),
    folder_id: Id,
    project_id: Id,
    name: z.string(),
    size: z.number(),
    part_size: z.int(),
    /** 1: a single PUT. */
    part_count: z.int(),
    head_sha256: z.string().nullable(),
    created_at: Time,
    /** Presigned PUT of a single-part file (valid 1 h); null for files in parts. */
    url: z.string().nullable()
  })
  .meta({ id: 'Upload' })
export type Upload = z.infer<typeof Upload>

/** An unfinished upload with the parts that have arrived. */
export const UploadProgress = Upload.extend({
  parts: z.array(z.object({ number: z.int(), size: z.number() }))
}).meta({ id: 'UploadProgress' })

export const PartNumbers = z.object({ numbers: z.array(z.int().min(1).max(10_000)).min(1).max(200) })
/** Presigned PUTs, valid 1 h, each for exactly its part's length. */
export const PartUrls = z.object({ parts: z.array(z.object({ number: z.int(), url: z.string() })) })

export const CompleteUploads = z.object({ ids: z.array(Id).min(1).max(MAX_BATCH) })

/** What became of one upload. `missing`: part numbers that are not there or have another length. */
export const UploadOutcome = z.object({
  id: Id,
  outcome: z.enum(['received', 'incomplete', 'mismatch', 'not_found']),
  document: Document.nullable(),
  /** The number of the version that it became. */
  version_no: z.int().nullable(),
  missing: z.array(z.int()).default([])
})

/** The receipt: what arrived, when, and who can see it. */
export const Receipt = z
  .object({
    outcomes: z.array(UploadOutcome),
    received_at: Time,
    seen_by: z.array(z.object({ name: z.string(), staff: z.boolean() })),
    /** People beyond those listed. */
    seen_by_more: z.int()
  })
  .meta({ id: 'Receipt' })
export type Receipt = z.infer<typeof Receipt>

export type NewUploadFile = z.infer<typeof NewUploadFile>
export type FilesToMatch = z.infer<typeof FilesToMatch>
export type FileMatches = z.infer<typeof FileMatches>
export type NewUploads = z.infer<typeof NewUploads>
export type UploadProgress = z.infer<typeof UploadProgress>
export type PartNumbers = z.infer<typeof PartNumbers>
export type PartUrls = z.infer<typeof PartUrls>
export type CompleteUploads = z.infer<typeof CompleteUploads>
export type UploadOutcome = z.infer<typeof UploadOutcome>
