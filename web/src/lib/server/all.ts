/** Lists that a page wants whole: page after page through the cursor. */
import type { RequestEvent } from '@sveltejs/kit'
import type { z } from 'zod'
import { pageOf } from '#lib/contract.ts'
import { load } from './gateway.ts'

/** A list this long wants a search of its own, not a longer page. */
const MOST_PAGES = 5

/** The first 1,000 items of a list of the API. */
export async function loadAll<S extends z.ZodType>(
  event: RequestEvent,
  path: `/${string}`,
  item: S
): Promise<z.infer<S>[]> {
  const page = pageOf(item)
  const items: z.infer<S>[] = []
  let cursor: string | null = null
  for (let i = 0; i < MOST_PAGES; i += 1) {
    const query = new URLSearchParams({ limit: '200', ...(cursor && { cursor }) })
    const answer: z.infer<typeof page> = await load(
      event,
      `${path}${path.includes('?') ? '&' : '?'}${query}`,
      page
    )
    items.push(...answer.items)
    cursor = answer.next
    if (!cursor) break
  }
  return items
}
