/** How a folder's documents are put in order and narrowed. */
import { z } from 'zod'
import { PageQuery, Time } from './common.ts'
import { KINDS, MARKS, ORIGINS, SORTS, STATES } from './values.ts'

/** Filters narrow each other; `since` counts, `until` does not. */
export const ListFilter = z.object({
  sort: z.enum(SORTS).default('name'),
  order: z.enum(['asc', 'desc']).default('asc'),
  kind: z.enum(KINDS).optional(),
  from: z.enum(ORIGINS).optional(),
  state: z.enum(STATES).optional(),
  tag: z.string().max(40).optional(),
  mark: z.enum(MARKS).optional(),
  since: Time.optional(),
  until: Time.optional()
})
export type ListFilter = z.infer<typeof ListFilter>
export const ListQuery = PageQuery.extend(ListFilter.shape)
