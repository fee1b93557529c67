/** A ZIP on its way: the originals one after the other, straight from the store, nothing kept. */
import { PassThrough, type Readable } from 'node:stream'
import { ZipFile } from 'yazl'
import { z } from 'zod'
import type { Caller } from '../_shared/auth/session.ts'
import type { ArchiveWish } from '../_shared/contract/archive.ts'
import { Id, Level, Time } from '../_shared/contract/common.ts'
import { VersionState } from '../_shared/contract/document.ts'
import { requireInProject } from '../_shared/db/access.ts'
import { type Session, blocks, row, rows } from '../_shared/db/database.ts'
import { errorFacts, log } from '../_shared/log.ts'
import { notFound } from '../_shared/problem.ts'
import {
  type ArchivePlan,
  type Candidate,
  MANIFEST,
  type Planned,
  manifestOf,
  planArchive
} from '../_shared/rules/archive.ts'
import { DOCUMENTS } from '../_shared/storage/buckets.ts'
import { database } from './database.ts'
import { openStore } from './store.ts'

const sql = blocks<'in_folder' | 'named' | 'title'>(new URL('./archive.sql', import.meta.url))

const CandidateRow = z.object({
  document_id: Id,
  version_id: Id,
  folders: z.array(z.string()),
  name: z.string(),
  level: Level,
  state: VersionState,
  sha256: z.string().nullable(),
  size: z.number(),
  received_at: Time,
  object_key: z.string(),
  object_version_id: z.string()
})
const Below = CandidateRow.extend({ level: z.enum([...Level.options, 'none']) })
type Below = z.infer<typeof Below>

/** What the asker sees of what is wished, in a folder not much more than a ZIP may have at most (`max`). */
const candidates = (
  session: Session,
  person_id: string,
  project_id: string,
  wish: ArchiveWish,
  max: number
): Promise<Candidate[]> =>
  wish.folder === undefined
    ? rows(session, sql('named'), [person_id, project_id, wish.document ?? []], CandidateRow)
    : inFolder(session, [person_id, project_id, wish.folder], max)

/** Page by page: what the asker does not see is passed over, and must not take the place of what they see. */
async function inFolder(session: Session, asked: string[], max: number): Promise<Candidate[]> {
  const seen: Candidate[] = []
  for (let last: Below | undefined; ;) {
    const page = await rows(
      session,
      sql('in_folder'),
      [...asked, max + 1, last?.name ?? null, last?.document_id ?? null],
      Below
    )
    for (const { level, ...one } of page) if (level !== 'none') seen.push({ ...one, level })
    last = page.at(-1)
    if (page.length <= max || seen.length > max) return seen
  }
}

/** What a ZIP of it would hold and be called. Throws `not_found`. */
export async function lookInto(
  session: Session,
  person_id: string,
  project_id: string,
  wish: ArchiveWish,
  max: number
): Promise<{ name: string; plan: ArchivePlan }> {
  const found = await candidates(session, person_id, project_id, wish, max)
  // Of documents that are named, each must be there: a ZIP without one of them would look whole.
  if (wish.document && found.length < new Set(wish.document).size) throw notFound()
  const name = await titleOf(session, wish.folder ?? project_id)
  return { name: `${name}.zip`, plan: planArchive(found) }
}

/** The project of what is wished, which the caller must be able to see. */
export async function projectOf(caller: Caller, { folder, document }: ArchiveWish): Promise<string> {
  const [first] = document ?? []
  const decision = folder
    ? await requireInProject(database, caller, folder, 'view', 'node')
    : await requireInProject(database, caller, first ?? '', 'view', 'document')
  return decision.project_id
}

/** The folder's or project's name, which the ZIP bears. */
async function titleOf(session: Session, node_id: string): Promise<string> {
  const found = await row(session, sql('title'), [node_id], z.object({ name: z.string() }))
  return found?.name ?? 'Portico'
}

/**
 * The ZIP's bytes (APPNOTE 6.3.10: UTF-8 names, ZIP64 where it must be) and their number, known beforehand because
 * nothing is packed: PDFs and pictures are already. A file that breaks off breaks the ZIP off: one that ends well is whole.
 */
export async function openArchive(
  plan: ArchivePlan,
  signal: AbortSignal
): Promise<{ body: Readable; size: number }> {
  const zip = new ZipFile()
  const body = new PassThrough({ highWaterMark: 1024 * 1024 })
  const breakOff = (error: Error) => {
    log.warn('archive_broke_off', errorFacts(error))
    body.destroy(error)
  }
  zip.on('error', breakOff)
  for (const file of plan.files)
    zip.addReadStreamLazy(
      file.path,
      { size: file.size, compress: false, mtime: new Date(file.received_at) },
      (give) => {
        original(file, signal).then(
          (stream) => give(null, stream.once('error', breakOff)),
          (error: Error) => breakOff(error)
        )
      }
    )
  zip.addBuffer(Buffer.from(manifestOf(plan.files)), MANIFEST, { compress: false })
  const size = await new Promise<number>((resolve) => {
    // The types forget what the callback is called with.
    const told: (bytes: number) => void = resolve
    zip.end({ forceZip64Format: false, comment: '' }, told as () => void)
  })
  zip.outputStream.pipe(body)
  signal.addEventListener('abort', () => body.destroy(), { once: true })
  return { body, size }
}

async function original(file: Planned, signal: AbortSignal): Promise<Readable> {
  const { client, getObject } = await openStore()
  return getObject(
    client,
    { bucket: DOCUMENTS, key: file.object_key, object_version_id: file.object_version_id },
    signal
  )
}
