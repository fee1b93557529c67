/** The folders that a path names, made where they are not there yet. */
import { z } from 'zod'
import { Id } from '../contract/common.ts'
import type { Act } from '../db/audit.ts'
import { type Session, blocks, row, run } from '../db/database.ts'

const sql = blocks<'lock' | 'find' | 'make'>(new URL('./folder-path.sql', import.meta.url))
const Found = z.object({ id: Id })

/**
 * Walks down from a project's top, in the caller's transaction; pushes folder.created for each one made.
 *
 * @param names cleaned names (rules/name.ts), outermost first; none: the project itself
 * @returns the innermost folder's id
 */
export async function folderOfPath(
  session: Session,
  project_id: string,
  names: string[],
  actor_id: string | null,
  acts: Act[]
): Promise<string> {
  if (names.length > 0) await run(session, sql('lock'), [project_id])
  let parent = project_id
  for (const name of names) {
    const found = await row(session, sql('find'), [parent, name], Found)
    const folder = found ?? (await row(session, sql('make'), [parent, name], Found))
    if (!folder) throw new Error('a folder was neither found nor made')
    if (!found) acts.push({ action: 'folder.created', actor_id, project_id, subject_id: folder.id })
    parent = folder.id
  }
  return parent
}
