/** Projects, folders, documents, versions, pages. */
import { z } from 'zod'
import { Id, Level, Name, NamedPageQuery, Time, Who } from './common.ts'
import { LockShown } from './lock.ts'

export const Folder = z
  .object({
    id: Id,
    parent_id: Id.nullable(),
    name: z.string(),
    level: Level,
    /** Of documents there the asker sees only those that they uploaded. */
    own_only: z.boolean().default(false),
    lock: LockShown.nullable().default(null),
    /** Told to the firm's people. */
    four_eyes: z.boolean().default(false)
  })
  .meta({ id: 'Folder' })
export type Folder = z.infer<typeof Folder>
export const NewFolder = z.object({ parent_id: Id, name: Name })

export const Project = z
  .object({
    id: Id,
    name: z.string(),
    client: z.object({ id: Id, name: z.string() }).nullable(),
    /** null: only something inside is visible. */
    level: Level.nullable(),
    document_count: z.int().optional(),
    last_received_at: Time.nullable().optional(),
    created_at: Time
  })
  .meta({ id: 'Project' })
export type Project = z.infer<typeof Project>
/** `q`: words, each a part of the project's or its client's name; `level`: what one may do there at least. */
export const ProjectQuery = NamedPageQuery.extend({ level: Level.optional() })
export const NewProject = z.object({ name: Name, client_id: Id.nullable().default(null) })

/** A project with its visible folders, flat; a folder whose parent is not visible has parent_id null. */
export const ProjectTree = Project.extend({
  folders: z.array(Folder),
  own_only: z.boolean(),
  lock: LockShown.nullable(),
  four_eyes: z.boolean()
}).meta({ id: 'ProjectTree' })

/** received → checked → previewing → ready; held: kept back until an administrator releases it. */
export const VersionState = z.enum(['received', 'checked', 'previewing', 'ready', 'held'])
export const ScanResult = z.enum(['clean', 'infected', 'not_scanned', 'too_large'])
export const PreviewResult = z.enum([
  'complete',
  'unsupported',
  'broken',
  'encrypted',
  'too_complex',
  'empty'
])

export const Version = z
  .object({
    id: Id,
    no: z.int(),
    /** Bytes. */
    size: z.number(),
    declared_type: z.string(),
    /** What the bytes say; null until checked. */
    detected_type: z.string().nullable(),
    /** False: the name's extension and the bytes disagree; null until checked. */
    name_matches_type: z.boolean().nullable(),
    /** Hex. */
    sha256: z.string().nullable(),
    state: VersionState,
    scan_result: ScanResult.nullable(),
    preview_result: PreviewResult.nullable(),
    page_count: z.int().nullable(),
    /** Pages that can be looked at now. */
    pages_ready: z.int(),
    created_by: Who.nullable(),
    received_at: Time
  })
  .meta({ id: 'Version' })
export type Version = z.infer<typeof Version>

/** A version among the others of its document. */
export const ListedVersion = Version.extend({
  /** The number of the older version that this is a copy of. */
  restored_no: z.int().nullable(),
  /** Not released to the client yet, and by whom it was. */
  waits: z.boolean(),
  shown_by: Who.nullable()
}).meta({ id: 'ListedVersion' })
export type ListedVersion = z.infer<typeof ListedVersion>

/** Which version is asked for, by its number; left out: the current one. */
export const VersionQuery = z.object({ version: z.coerce.number().int().min(1).max(1_000_000).optional() })

export const Document = z
  .object({
    id: Id,
    project_id: Id,
    folder_id: Id,
    name: z.string(),
    created_by: Who.nullable(),
    created_at: Time,
    /** What the asker may do with it. */
    level: Level,
    /** The current one, or the one that was asked for. */
    version: Version,
    /** The newest that may be delivered; the newest of all where none may. */
    current_no: z.int(),
    /** The last that arrived. Not the current one while it is being checked, or when it is held back. */
    newest: z.object({
      no: z.int(),
      state: VersionState,
      scan_result: ScanResult.nullable(),
      waits: z.boolean(),
      created_by_id: Id.nullable()
    }),
    /** No version of it is released to the client yet. */
    waits: z.boolean(),
    lock: LockShown.nullable(),
    tags: z.array(z.string()),
    /** Plain text with line breaks. */
    description: z.string(),
    /** The last change of tags or description. */
    described_at: Time.nullable(),
    /** The asker's own. */
    favourite: z.boolean(),
    /** The asker has not opened the current version, and did not send it. */
    unread: z.boolean()
  })
  .meta({ id: 'Document' })
export type Document = z.infer<typeof Document>

export const PageInfo = z
  .object({ no: z.int(), width: z.int(), height: z.int(), has_text: z.boolean() })
  .meta({ id: 'PageInfo' })
export type PageInfo = z.infer<typeof PageInfo>

/** A page's words; boxes in thousandths of the page's width and height, from the top left. */
export const PageText = z
  .object({
    words: z.array(z.object({ t: z.string(), x: z.number(), y: z.number(), w: z.number(), h: z.number() }))
  })
  .meta({ id: 'PageText' })

export type NewFolder = z.infer<typeof NewFolder>
export type NewProject = z.infer<typeof NewProject>
export type ProjectTree = z.infer<typeof ProjectTree>
export type VersionState = z.infer<typeof VersionState>
export type ScanResult = z.infer<typeof ScanResult>
export type PreviewResult = z.infer<typeof PreviewResult>
export type PageText = z.infer<typeof PageText>
