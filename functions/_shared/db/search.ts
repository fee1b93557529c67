/** Questions to the index of names and texts (infra/postgres/migrations/0011_search.sql, 0038_search_by_age.sql); the access rule filters there. */
import { z } from 'zod'
import { Id, Level, levelOf } from '../contract/common.ts'
import { SearchHit, type SearchUnit } from '../contract/search.ts'
import { type Session, blocks, rows } from './database.ts'

const sql = blocks<'names' | 'pages'>(new URL('./search.sql', import.meta.url))

/** What is asked, by whom, and whether in one project only; the rule decides of each hit. */
export type Search = { person_id: string; units: SearchUnit[]; project_id: string | null }

const NamedHit = SearchHit.omit({ page: true }).extend({
  level: z.number().transform(levelOf).pipe(Level)
})
export type NamedHit = z.infer<typeof NamedHit>

const PageHit = NamedHit.extend({
  no: z.int(),
  pages: z.int(),
  words: z.string(),
  marks: z.array(z.string())
})

const KINDS = ['project', 'folder', 'document'] as const

/** The place behind which the next page begins; `null`: from the beginning. */
export const NamePlace = z.object({ kind: z.enum(KINDS), id: Id })
export const PagePlace = z.object({ id: Id })

const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff'

const asked = ({ person_id, units, project_id }: Search) => [person_id, JSON.stringify(units), project_id]

/** Up to `limit` projects, folders and documents by name that the asker may see. */
export const thingsByName = (
  session: Session,
  search: Search,
  after: z.infer<typeof NamePlace> | null,
  limit: number
): Promise<NamedHit[]> => {
  const place = after ? [KINDS.indexOf(after.kind) + 1, after.id] : [0, LAST_ID]
  return rows(session, sql('names'), [...asked(search), ...place, limit], NamedHit)
}

/** Up to `limit` documents by text that the asker may read the text of, the newest first, each with its first page that fits. */
export const documentsByText = (
  session: Session,
  search: Search,
  after: z.infer<typeof PagePlace> | null,
  limit: number
): Promise<z.infer<typeof PageHit>[]> =>
  rows(session, sql('pages'), [...asked(search), after?.id ?? LAST_ID, limit], PageHit)
