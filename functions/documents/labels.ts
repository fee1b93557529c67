/** Tags and descriptions, favourites, what somebody opened last. */
import { z } from 'zod'
import { Id } from '../_shared/contract/common.ts'
import type { Describe } from '../_shared/contract/label.ts'
import type { Database } from '../_shared/db/database.ts'
import { type Session, blocks, rows, run } from '../_shared/db/database.ts'
import { type StoredDocument, documentsByIds } from '../_shared/db/document.ts'

const sql = blocks<
  | 'describe'
  | 'project_tags'
  | 'add_favourite'
  | 'remove_favourite'
  | 'favourites'
  | 'last_opened'
  | 'read_all'
>(new URL('./labels.sql', import.meta.url))

/** False: somebody wrote since the writer looked. */
export const describe = async (session: Session, id: string, wish: Describe): Promise<boolean> =>
  (await run(session, sql('describe'), [id, wish.tags, wish.description, wish.described_at])) > 0

/** The tags that a project's documents carry, of those that the asker may see; 200 at most. */
export const tagsOf = async (session: Session, person_id: string, project_id: string): Promise<string[]> =>
  (await rows(session, sql('project_tags'), [person_id, project_id], z.object({ tag: z.string() }))).map(
    (one) => one.tag
  )

/** One favourite more or less; what is there already stays. */
export const setFavourite = (
  session: Session,
  person_id: string,
  document: { id: string; project_id: string },
  on: boolean
): Promise<number> =>
  on
    ? run(session, sql('add_favourite'), [person_id, document.id, document.project_id])
    : run(session, sql('remove_favourite'), [person_id, document.id])

/** Nothing that a project holds now is new to the person any more. */
export const readAll = (session: Session, person_id: string, project_id: string): Promise<number> =>
  run(session, sql('read_all'), [person_id, project_id])

/** Somebody's favourites, or what they opened last, the newest first, of what they may still see. */
export async function remembered(
  database: Database,
  person_id: string,
  what: 'favourites' | 'last_opened',
  limit: number
): Promise<StoredDocument[]> {
  const Place = z.object({ document_id: Id, project_id: Id })
  const places = await rows(database.pool, sql(what), [person_id], Place)
  const ids = places.map((one) => one.document_id)
  const found = await database.transaction([...new Set(places.map((one) => one.project_id))], (session) =>
    documentsByIds(session, person_id, ids)
  )
  const by_id = new Map(found.map((one) => [one.id, one]))
  return ids.flatMap((id) => by_id.get(id) ?? []).slice(0, limit)
}
