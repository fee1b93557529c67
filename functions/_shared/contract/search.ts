/** Finding things by name, and documents by their text. */
import { z } from 'zod'
import { Id, Level } from './common.ts'

/** What may be searched for at once; more is cut off by nobody but refused. */
export const MAX_QUERY = 300

export const SearchQuery = z.object({
  q: z.string().trim().min(1).max(MAX_QUERY),
  /** Only in this project. */
  project: Id.optional(),
  cursor: z.string().max(1_000).optional(),
  limit: z.coerce.number().int().min(1).max(50).default(20)
})

/** What must be found together: the words of one unit stand one after the other. */
export type SearchUnit = {
  text: string
  /** From quotation marks: the words themselves, none of their other forms. */
  exact: boolean
  /** Still being typed: the last word may go on. */
  prefix: boolean
}

/** A piece of a page's text; `hit`: this was looked for. */
const SnippetPart = z.object({ text: z.string(), hit: z.boolean() })
export type SnippetPart = z.infer<typeof SnippetPart>

export const SearchHit = z
  .object({
    kind: z.enum(['project', 'folder', 'document']),
    id: Id,
    name: z.string(),
    project: z.object({ id: Id, name: z.string() }),
    /** What the asker may do with it. */
    level: Level,
    /** Where the text of a document fits best; null: it was found by its name. */
    page: z
      .object({
        no: z.int(),
        /** On how many of its pages it was found; of very frequent words not all are counted. */
        pages: z.int(),
        snippet: z.array(SnippetPart)
      })
      .nullable()
  })
  .meta({ id: 'SearchHit' })
export type SearchHit = z.infer<typeof SearchHit>
