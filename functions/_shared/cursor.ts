/** Cursors of keyset pages: opaque to callers, base64url of JSON, looked at again when they come back. */
import type { z } from 'zod'
import { Problem } from './problem.ts'

/** What the caller hands back for the next page. */
export const makeCursor = (place: unknown): string =>
  Buffer.from(JSON.stringify(place), 'utf8').toString('base64url')

/** The place of a cursor; null without one. Throws `invalid_request` for what we did not make. */
export function readCursor<T extends z.ZodType>(cursor: string | undefined, schema: T): z.infer<T> | null {
  if (cursor === undefined) return null
  try {
    const text = Buffer.from(cursor, 'base64url').toString('utf8')
    if (text.includes('\\u0000')) throw new RangeError('Postgres takes no NUL')
    return schema.parse(JSON.parse(text))
  } catch (cause) {
    throw new Problem('invalid_request', 'The cursor is not one of ours.', {
      cause,
      errors: [{ field: 'cursor', code: 'invalid', detail: 'not a cursor' }]
    })
  }
}

/**
 * A page out of `limit + 1` rows that were asked for: whether there is a next one is known without asking again.
 *
 * @param placeOf what tells the last row's place to the next query
 */
export function pageFrom<T>(
  found: T[],
  limit: number,
  placeOf: (last: T) => unknown
): { items: T[]; next: string | null } {
  const items = found.slice(0, limit)
  const last = items.at(-1)
  return { items, next: found.length > limit && last !== undefined ? makeCursor(placeOf(last)) : null }
}
