/** Copies of folders: the folders are made at once, their documents are copied one by one and arrive as any copy does. */
import { z } from 'zod'
import { Id, Level } from '../_shared/contract/common.ts'
import { reaches } from '../_shared/db/access.ts'
import type { Act } from '../_shared/db/audit.ts'
import { type Session, blocks, rows, run } from '../_shared/db/database.ts'
import { addFolder, lockTree, subfolders } from '../_shared/db/project.ts'
import { Problem } from '../_shared/problem.ts'
import { numberedName } from '../_shared/rules/name.ts'
import { beginCopy } from './copy.ts'
import type { Copy } from './restore.ts'

const sql = blocks<'folders' | 'in_folder'>(new URL('./copy.sql', import.meta.url))

/** Documents of a folder that are copied at once; the copies of a thousand take some ten seconds. */
const MAX_DOCUMENTS = 1_000

const FolderRow = z.object({ id: Id, name: z.string(), within: Id.nullable() })
const DocumentRow = z.object({
  id: Id,
  name: z.string(),
  size: z.number(),
  level: z.enum([...Level.options, 'none']),
  within: Id.nullable()
})
type DocumentRow = z.infer<typeof DocumentRow>

type Where = { from: string; to: string; folder_id: string }
/** `whole`: nothing that the caller sees in it had to stay behind. */
export type FolderCopy = { copies: Copy[]; whole: boolean }

/**
 * Makes the folder and all visible ones in it below `folder_id`, and begins the copies of what may be downloaded.
 *
 * @param room bytes that may still be copied. Throws `too_large` beyond them, and beyond MAX_DOCUMENTS.
 */
export async function beginFolderCopy(
  session: Session,
  acts: Act[],
  caller: { id: string },
  id: string,
  { from, to, folder_id }: Where,
  room: number
): Promise<FolderCopy> {
  await lockTree(session, to)
  const folders = await rows(session, sql('folders'), [caller.id, from, id], FolderRow)
  const documents = await visibleIn(session, [caller.id, from, id])
  const taken = documents.filter((one) => one.level !== 'none' && reaches(one.level, 'download'))
  const bytes = taken.reduce((sum, one) => sum + one.size, 0)
  if (documents.length > MAX_DOCUMENTS || bytes > room)
    throw new Problem('too_large', 'So much is not copied at once.')

  const made = new Map<string, string>()
  for (const folder of folders) {
    const inside = folder.id === id ? folder_id : (made.get(folder.within ?? '') ?? folder_id)
    const name = folder.id === id ? await freeName(session, caller, folder.name, inside) : folder.name
    const copy = await addFolder(session, inside, name)
    made.set(folder.id, copy)
    const facts = { parent_id: inside, copy_of: folder.id }
    acts.push({ action: 'folder.created', actor_id: caller.id, project_id: to, subject_id: copy, facts })
  }
  const copies: Copy[] = []
  for (const { id: document_id, within } of taken) {
    const copy = await beginCopy(session, caller, document_id, made.get(within ?? '') ?? folder_id).catch(
      notYet
    )
    if (copy) copies.push(copy)
  }
  await run(session, 'select announce($1)', [`project:${to}`])
  return { copies, whole: copies.length === documents.length }
}

/** Not many more than may be copied. What the caller does not see is passed over, and takes no place. */
async function visibleIn(session: Session, asked: string[]): Promise<DocumentRow[]> {
  const seen: DocumentRow[] = []
  for (let last: DocumentRow | undefined; ;) {
    const place = [MAX_DOCUMENTS + 1, last?.name ?? null, last?.id ?? null]
    const page = await rows(session, sql('in_folder'), [...asked, ...place], DocumentRow)
    seen.push(...page.filter((one) => one.level !== 'none'))
    last = page.at(-1)
    if (page.length <= MAX_DOCUMENTS || seen.length > MAX_DOCUMENTS) return seen
  }
}

/** What is held back or not checked yet stays behind. */
function notYet(error: unknown): null {
  if (error instanceof Problem && (error.code === 'held' || error.code === 'not_ready')) return null
  throw error
}

/** "Receipts", or "Receipts (2)" where the caller sees one of this name. */
async function freeName(
  session: Session,
  caller: { id: string },
  wanted: string,
  folder_id: string
): Promise<string> {
  for (let form = 1; ; form += 1) {
    const name = numberedName(wanted, form)
    const same = await subfolders(session, caller.id, [folder_id], [name])
    if (!same.some((one) => one.level > 0)) return name
  }
}
