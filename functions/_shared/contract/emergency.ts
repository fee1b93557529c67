/** Break-glass: an administrator opens what they have no grant on, for four hours, and the others are told. */
import { z } from 'zod'
import { ThingKind } from './access.ts'
import { Id, Name, Time, Who } from './common.ts'

/** Never `manage`: whoever manages could give what outlasts the four hours. */
export const EmergencyLevel = z.enum(['view', 'download', 'contribute'])
export type EmergencyLevel = z.infer<typeof EmergencyLevel>

const Wish = { level: EmergencyLevel, reason: z.string().trim().min(10).max(500) }

/** The thing by its id, from an address, or a project by its client and its exact name. */
export const NewEmergency = z.union([
  z.object({ thing_id: Id, ...Wish }).strict(),
  z.object({ client_id: Id.nullable(), name: Name, ...Wish }).strict()
])
export type NewEmergency = z.infer<typeof NewEmergency>

export const Emergency = z
  .object({
    id: Id,
    person: Who,
    /** The reader's own. */
    own: z.boolean(),
    /** `name` is null for whoever may not see the thing. */
    thing: z.object({ id: Id, kind: ThingKind, name: z.string().nullable() }),
    /** null: none, or one that the reader may not know of. */
    client: Who.nullable(),
    level: EmergencyLevel,
    reason: z.string(),
    begun_at: Time,
    valid_until: Time,
    /** Before its time; null: not. */
    ended_at: Time.nullable(),
    /** Told to the reader, who has not said that they read it. */
    unread: z.boolean()
  })
  .meta({ id: 'Emergency' })
export type Emergency = z.infer<typeof Emergency>

export const Emergencies = z.object({
  items: z.array(Emergency),
  /** Somebody else runs the firm too: without them nothing opens. */
  possible: z.boolean()
})
