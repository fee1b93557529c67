/** Documents, their versions and pages. Row-level security must be open for their project. */
import { z } from 'zod'
import { Id } from '../contract/common.ts'
import { Document, ListedVersion, PageInfo, ScanResult, Version, VersionState } from '../contract/document.ts'
import type { ListFilter } from '../contract/listing.ts'
import { Problem, notFound } from '../problem.ts'
import { type Session, blocks, prepare, row, rows, run } from './database.ts'

const sql = blocks<
  | 'one'
  | 'list'
  | 'sorted'
  | 'same_content'
  | 'several'
  | 'current'
  | 'versions'
  | 'pages'
  | 'page'
  | 'release'
  | 'add_job'
  | 'opened'
  | 'ticket'
>(new URL('./document.sql', import.meta.url))

/** A document as it is stored: whether its name fits its type is a rule's business (rules/file-type.ts). */
export const StoredDocument = Document.extend({ version: Version.omit({ name_matches_type: true }) })
export type StoredDocument = z.infer<typeof StoredDocument>

/** A document for somebody whose level on it was decided. */
export const documentById = (
  session: Session,
  person_id: string,
  id: string,
  level: string
): Promise<StoredDocument | null> => row(session, prepare(sql('one')), [id, level, person_id], StoredDocument)

/** Up to `limit` documents of a folder (or the top of a project) that the asker may see, after a place in the list. */
export const documentsOfFolder = (
  session: Session,
  person_id: string,
  folder_id: string,
  after: { name: string; id: string } | null,
  limit: number
): Promise<StoredDocument[]> =>
  rows(
    session,
    prepare(sql('list')),
    [person_id, folder_id, after?.name ?? '', after?.id ?? '00000000-0000-0000-0000-000000000000', limit],
    StoredDocument
  )

const Keyed = StoredDocument.extend({ place_number: z.string(), place_word: z.string() })
/** A document and what it was sorted by. */
export type Keyed = z.infer<typeof Keyed>

/** The place of a document in a sorted list. */
export const SortedPlace = z.object({ number: z.string(), word: z.string(), name: z.string(), id: Id })

/** As above, in another order or narrowed: media types that fit `like` and not `unlike` (rules/listing.ts). Costs a look at the whole folder: 10,000 documents in some 0.1 s. */
export function sortedDocumentsOfFolder(
  session: Session,
  person_id: string,
  folder_id: string,
  filter: ListFilter & { like: string | null; unlike: string | null },
  after: z.infer<typeof SortedPlace> | null,
  limit: number
): Promise<Keyed[]> {
  const { like, unlike, sort, order, from = null, state = null, since = null, until = null } = filter
  const { tag = null } = filter
  const [favourite, unread] = [filter.mark === 'favourite' || null, filter.mark === 'unread' || null]
  const place = after ? [after.number, after.word, after.name, after.id] : [null, null, null, null]
  return rows(
    session,
    sql('sorted'),
    [
      person_id,
      folder_id,
      sort,
      order === 'desc',
      like,
      unlike,
      from,
      state,
      since,
      until,
      ...place,
      limit,
      tag,
      favourite,
      unread
    ],
    Keyed
  )
}

/**
 * Documents of a project whose current versions hold the same bytes as another one's (as this one's with `id`), of those
 * that the asker may see, in groups one after the other. At most 1,000.
 */
export const documentsOfSameContent = (
  session: Session,
  person_id: string,
  project_id: string,
  id: string | null
): Promise<StoredDocument[]> =>
  rows(session, sql('same_content'), [person_id, project_id, id], StoredDocument)

/** Those of these documents that the asker may see, in no order. */
export const documentsByIds = (
  session: Session,
  person_id: string,
  ids: string[]
): Promise<StoredDocument[]> => rows(session, sql('several'), [person_id, ids], StoredDocument)

/** The same for a version alone and among the others. */
const OneVersion = StoredDocument.shape.version
const StoredVersion = ListedVersion.omit({ name_matches_type: true })
export type StoredVersion = z.infer<typeof StoredVersion>

/** Up to `limit` versions of a document, newest first, from the one before number `before` on. */
export const versionsOf = (
  session: Session,
  document_id: string,
  before: number | null,
  limit: number
): Promise<StoredVersion[]> =>
  rows(session, sql('versions'), [document_id, before, limit, null], StoredVersion)

/** One version by its number. */
export const versionByNo = (
  session: Session,
  document_id: string,
  no: number
): Promise<z.infer<typeof OneVersion> | null> =>
  row(session, sql('versions'), [document_id, null, 1, no], OneVersion)

const Current = z.object({
  name: z.string(),
  version_id: Id,
  no: z.int(),
  object_key: z.string(),
  object_version_id: z.string(),
  size: z.number(),
  state: VersionState,
  detected_type: z.string().nullable()
})

/** Where a version's original lies, and in what state it is: the current one's, or of the one with number `no`. */
export const currentVersion = (
  session: Session,
  id: string,
  no?: number
): Promise<z.infer<typeof Current> | null> => row(session, sql('current'), [id, no ?? null], Current)

/** As above. Throws `held` for a version that is held back, `not_ready` for one that is not checked yet. */
export async function releasedVersion(
  session: Session,
  id: string,
  no?: number
): Promise<z.infer<typeof Current>> {
  const current = await currentVersion(session, id, no)
  if (!current) throw notFound()
  if (current.state === 'held')
    throw new Problem('held', 'This version is held back until an administrator releases it.')
  if (current.state === 'received')
    throw new Problem('not_ready', 'This version has not been checked yet.', { retryAfter: 2 })
  return current
}

/** The pages of a version (of the current one without) that can be looked at now, in order. */
export const pagesOf = (session: Session, id: string, version_id?: string): Promise<PageInfo[]> =>
  rows(session, sql('pages'), [id, version_id ?? null], PageInfo)

const PageKeys = z.object({
  no: z.int(),
  image_key: z.string(),
  thumbnail_key: z.string(),
  text_key: z.string().nullable()
})

/** The derived files of one page; null when there is no such page (yet). */
export const pageKeys = (
  session: Session,
  id: string,
  no: number,
  version_id?: string
): Promise<z.infer<typeof PageKeys> | null> =>
  row(session, sql('page'), [id, no, version_id ?? null], PageKeys)

const Released = z.object({
  id: Id,
  project_id: Id,
  scan_result: ScanResult.nullable(),
  fairness_key: z.string()
})

/** Lets a held version (the current one without `no`) go on to `state`; null when it is not held. */
export const releaseVersion = (
  session: Session,
  id: string,
  person_id: string,
  state: z.infer<typeof VersionState>,
  no?: number
): Promise<z.infer<typeof Released> | null> =>
  row(session, sql('release'), [id, person_id, state, no ?? null], Released)

/** The next job of a version; one that waits or runs already is the same. */
export async function addVersionJob(
  session: Session,
  kind: 'scan' | 'preview' | 'index',
  version: { id: string; project_id: string; fairness_key: string }
): Promise<void> {
  await run(session, sql('add_job'), [kind, version.id, version.project_id, version.fairness_key])
}

/** The person has this version in front of them: it is new to them no more. */
export const noteOpened = (
  session: Session,
  person_id: string,
  of: { document_id: string; project_id: string; version_id: string }
): Promise<number> => run(session, sql('opened'), [person_id, of.document_id, of.project_id, of.version_id])

/** A ticket for one download: by it the store's access events tell what was sent to whom (rules/delivery.ts). */
export async function issueTicket(
  session: Session,
  of: { version_id: string } & ({ person_id: string } | { link_id: string })
): Promise<string> {
  const [person_id, link_id] = 'person_id' in of ? [of.person_id, null] : [null, of.link_id]
  const values = [of.version_id, person_id, link_id]
  const made = await row(session, sql('ticket'), values, z.object({ ticket: Id }))
  if (!made) throw new Error('a version that was just read is gone')
  return made.ticket
}
