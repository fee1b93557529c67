/** Being told: the inbox, and how soon what is in it goes out by mail. */
import { z } from 'zod'
import { Id, Time } from './common.ts'

/** What there is to tell: new documents, new versions of known ones, something that was opened to one, a question, a wish to renew a link, a guest's end that comes, a lock that comes, one's own ZIP, what a rule points out, a rule that failed. */
export const NOTICE_KINDS = [
  'document',
  'version',
  'access',
  'comment',
  'renewal',
  'guest',
  'lock',
  'archive',
  'archive_failed',
  'rule',
  'rule_failed'
] as const
export const NoticeKind = z.enum(NOTICE_KINDS)
export type NoticeKind = z.infer<typeof NoticeKind>

/** How soon mail is wanted. */
export const PACES = ['at_once', 'hourly', 'daily', 'weekly', 'off'] as const
export const Pace = z.enum(PACES)
export type Pace = z.infer<typeof Pace>

const Named = z.object({ id: Id, name: z.string() })

/** One entry: acts of one kind in one project that came together. */
export const Notice = z
  .object({
    id: Id,
    kind: NoticeKind,
    project: Named,
    /** How many of its things the reader may see now. */
    count: z.int(),
    /** Up to three of the documents among them. */
    documents: z.array(Named),
    last_at: Time,
    read: z.boolean()
  })
  .meta({ id: 'Notice' })
export type Notice = z.infer<typeof Notice>

/** Without ids: all of them. */
export const ReadNotices = z.object({ ids: z.array(Id).min(1).max(500).optional() })
export const Unread = z.object({ unread: z.int().meta({ description: 'At most 100 are counted.' }) })

export const NoticeSettings = z
  .object({
    /** For every project without one of its own. */
    pace: Pace,
    projects: z.array(z.object({ project_id: Id, pace: Pace }))
  })
  .meta({ id: 'NoticeSettings' })
export type NoticeSettings = z.infer<typeof NoticeSettings>

/** `pace: null` of a project: as for all. Projects that are not named stay as they are. */
export const NoticeSettingsChange = z.object({
  pace: Pace,
  projects: z
    .array(z.object({ project_id: Id, pace: Pace.nullable() }))
    .max(1_000)
    .default([])
})
