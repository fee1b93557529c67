/** What a member of staff finds in the morning. */
import { z } from 'zod'
import { Id, Time, Who } from './common.ts'
import { DASHBOARD_LISTS } from './values.ts'

/**
 * `arrived`: not opened by the asker. `clients`: waits for them: unopened document, link or invitation. `us`: held version,
 * a colleague's upload to release,
 * renewal asked for, comment without an answer, jobs that were given up (`title`: how many).
 */
export const DashboardItem = z
  .object({
    list: z.enum(DASHBOARD_LISTS),
    kind: z.enum([
      'document',
      'unopened',
      'link',
      'invitation',
      'held',
      'release',
      'renewal',
      'comment',
      'job'
    ]),
    /** Of the document, link or person. */
    id: Id.nullable(),
    title: z.string(),
    project: z.object({ id: Id, name: z.string(), client: Who.nullable() }).nullable(),
    at: Time,
    by: z.string().nullable()
  })
  .meta({ id: 'DashboardItem' })
export type DashboardItem = z.infer<typeof DashboardItem>
