/** Search: names first, then texts. The asker's level decides what is found: whoever may only view finds no text. */
import { createRoute, z } from '@hono/zod-openapi'
import { pageOf } from '../../_shared/contract/common.ts'
import { SearchHit, SearchQuery } from '../../_shared/contract/search.ts'
import { makeCursor, readCursor } from '../../_shared/cursor.ts'
import type { Session } from '../../_shared/db/database.ts'
import { NamePlace, PagePlace, type Search, documentsByText, thingsByName } from '../../_shared/db/search.ts'
import { type Api, json, problems } from '../../_shared/http.ts'
import { Problem } from '../../_shared/problem.ts'
import { readQuery, snippetOf } from '../../_shared/rules/search.ts'
import { database } from '../database.ts'

const search = createRoute({
  method: 'get',
  path: '/search',
  summary: 'Projects, folders and documents by name, then documents by their text (download)',
  request: { query: SearchQuery },
  responses: { 200: json(pageOf(SearchHit)), ...problems }
})

const Place = z.union([z.object({ name: NamePlace }), z.object({ text: PagePlace.nullable() })])
type Place = z.infer<typeof Place>
type Found = { items: SearchHit[]; next: Place | null }

export function searchRoutes(app: Api): void {
  app.openapi(search, async (c) => {
    const { q, project, cursor, limit } = c.req.valid('query')
    const units = readQuery(q)
    if (units.length === 0)
      throw new Problem('invalid_request', 'There is no word to look for.', {
        errors: [{ field: 'q', code: 'no_words', detail: 'no letters and no digits' }]
      })
    const place = readCursor(cursor, Place)
    const caller = c.get('caller')
    const found = await database.transaction([], async (session, acts) => {
      const asked = { person_id: caller.id, units, project_id: project ?? null }
      const result = await find(session, asked, place, limit)
      // The words stay the asker's own; that text was shown counts as reading (docs/decisions/search-in-the-log.md).
      const texts = result.items.filter((hit) => hit.page !== null).length
      if (texts > 0) acts.push({ action: 'search.run', actor_id: caller.id, facts: { texts } })
      return result
    })
    return c.json({ items: found.items, next: found.next && makeCursor(found.next) }, 200)
  })
}

/** A page of hits: names as long as there are any, the rest of it texts. */
async function find(session: Session, asked: Search, place: Place | null, limit: number): Promise<Found> {
  if (place && 'text' in place) return texts(session, asked, place.text, limit)
  const named = await thingsByName(session, asked, place?.name ?? null, limit + 1)
  const items = named.slice(0, limit).map((hit) => ({ ...hit, page: null }))
  const last = items.at(-1)
  if (named.length > limit && last) return { items, next: { name: { kind: last.kind, id: last.id } } }
  if (items.length === limit) return { items, next: { text: null } }
  const rest = await texts(session, asked, null, limit - items.length)
  return { items: [...items, ...rest.items], next: rest.next }
}

async function texts(
  session: Session,
  asked: Search,
  after: z.infer<typeof PagePlace> | null,
  limit: number
): Promise<Found> {
  const found = await documentsByText(session, asked, after, limit + 1)
  const shown = found.slice(0, limit)
  const last = shown.at(-1)
  const items = shown.map(({ kind, id, name, project, level, no, pages, words, marks }) => ({
    ...{ kind, id, name, project, level },
    page: { no, pages, snippet: snippetOf(words, marks) }
  }))
  return { items, next: found.length > limit && last ? { text: { id: last.id } } : null }
}
