/** Events for machines: what happened, as CloudEvents 1.0. Ids, types, codes and numbers; never a name or a content. */
import { z } from 'zod'
import { Id, Time } from './common.ts'

export const EVENT_TYPES = [
  'project.created',
  'folder.created',
  'folder.renamed',
  'folder.moved',
  'folder.trashed',
  'folder.restored',
  'folder.erased',
  'document.arrived',
  'document.version_added',
  'document.copied',
  'document.held',
  'document.released',
  'document.ready',
  'document.shown',
  'document.automated',
  'document.renamed',
  'document.moved',
  'document.described',
  'document.downloaded',
  'document.delivered',
  'document.trashed',
  'document.restored',
  'document.erased',
  'comment.added',
  'comment.removed',
  'access.granted',
  'access.changed',
  'access.revoked',
  'lock.set',
  'lock.lifted',
  'link.created',
  'link.opened',
  'link.renewal_asked',
  'link.renewed',
  'link.revoked'
] as const
export const EventType = z.enum(EVENT_TYPES)
export type EventType = z.infer<typeof EventType>

/** What an administrator sends to try an endpoint out. It is in no feed. */
export const TEST_EVENT = 'webhook.test'

const EventData = z.object({
  project_id: Id.nullable(),
  /** null: it was not about a document, or about more than one. */
  document_id: Id.nullable(),
  /** What else it was about: a version, a folder, a link, a comment; of access whoever it was given to. */
  subject_id: Id.nullable(),
  /** The person, or the link whose visitor it was; null: the portal itself. */
  actor_id: Id.nullable(),
  /** Numbers, codes and ids that belong to this type. */
  facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  /** Where the API tells more, to whoever may know it; null: there is nothing to be asked any more. */
  href: z.url().nullable()
})

/** CloudEvents 1.0.2, structured JSON. `id` stays the same however often it is told. */
export const PorticoEvent = z
  .object({
    specversion: z.literal('1.0'),
    id: z.string(),
    source: z.url(),
    type: z.union([EventType, z.literal(TEST_EVENT)]),
    subject: z.string(),
    time: Time,
    datacontenttype: z.literal('application/json'),
    data: EventData
  })
  .meta({ id: 'PorticoEvent' })
export type PorticoEvent = z.infer<typeof PorticoEvent>

/** Seconds that one call of the feed waits at most for something to happen. */
export const MOST_WAIT = 20

export const EventsQuery = z.object({
  after: z
    .string()
    .max(200)
    .optional()
    .meta({ description: 'The `next` of the call before; what came later is told.' }),
  from: z
    .enum(['beginning', 'now'])
    .default('beginning')
    .meta({ description: 'Where to begin without `after`.' }),
  types: z
    .string()
    .max(2_000)
    .transform((text) => text.split(','))
    .pipe(z.array(EventType))
    .optional()
    .meta({ description: 'Only these types, separated by commas.' }),
  project_id: Id.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(100),
  wait: z.coerce
    .number()
    .int()
    .min(0)
    .max(MOST_WAIT)
    .default(0)
    .meta({ description: 'Seconds to wait for the first event where there is none yet.' })
})

/** `next` is always there: it goes into the next call as `after`. `more`: there may be some already, do not wait. */
export const Events = z
  .object({ items: z.array(PorticoEvent), next: z.string(), more: z.boolean() })
  .meta({ id: 'Events' })
export type Events = z.infer<typeof Events>
