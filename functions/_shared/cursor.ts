/** Keyset cursors: the last row's key, opaque to whoever passes it back. Not secret and not trusted. */
import type { z } from 'zod'
import { Problem } from './problem.ts'

/** The cursor that goes on after a row with this key. */
export const encodeCursor = (key: unknown[]): string => Buffer.from(JSON.stringify(key)).toString('base64url')

/** The key of a cursor that this schema accepts. Throws invalid_request, field `cursor`, on anything else. */
export function decodeCursor<T extends z.ZodType>(cursor: string, schema: T): z.infer<T> {
  try {
    return schema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()))
  } catch (cause) {
    throw new Problem('invalid_request', 'This cursor is none of ours.', {
      cause,
      errors: [{ field: 'cursor', code: 'invalid_format', detail: 'This cursor is none of ours.' }]
    })
  }
}
