/** Grants, and the answer of the access rule. */
import { z } from 'zod'
import { Id, Level, Time, Who } from './common.ts'

export const PrincipalKind = z.enum(['person', 'group', 'organisation'])
export const ThingKind = z.enum(['firm', 'project', 'folder', 'document'])

const Window = {
  /** Half-open [from, until), UTC; null: unbounded. */
  valid_from: Time.nullable().default(null),
  valid_until: Time.nullable().default(null)
}

export const NewGrant = z
  .object({
    thing_id: Id,
    principal_kind: PrincipalKind,
    principal_id: Id,
    level: Level,
    allows: z.boolean().default(true),
    ...Window,
    note: z.string().trim().max(500).nullable().default(null),
    /** Save although one's own or the last `manage` would go. */
    confirm: z.boolean().default(false)
  })
  .refine((g) => !g.valid_from || !g.valid_until || g.valid_from < g.valid_until, {
    path: ['valid_until'],
    message: 'the window ends before it begins'
  })

export const Grant = z
  .object({
    id: Id,
    thing: z.object({ id: Id, kind: ThingKind, name: z.string() }),
    principal: Who.extend({ kind: PrincipalKind }),
    level: Level,
    allows: z.boolean(),
    valid_from: Time.nullable(),
    valid_until: Time.nullable(),
    note: z.string().nullable(),
    given_by: Who.nullable(),
    created_at: Time
  })
  .meta({ id: 'Grant' })
export type Grant = z.infer<typeof Grant>

/** One step of the chain that led to an answer, in the order in which the rule heard it. */
export const AccessReason = z.object({
  step: z.enum(['allow', 'deny']),
  level: Level,
  through: Who.extend({ kind: PrincipalKind }),
  on: z.object({ id: Id, kind: ThingKind, name: z.string() }),
  until: Time.nullable()
})

/** Somebody who can see a thing, how far, and through what. */
export const PersonWithAccess = z
  .object({ who: Who, staff: z.boolean(), level: Level, reason: AccessReason.nullable() })
  .meta({ id: 'PersonWithAccess' })
export type PersonWithAccess = z.infer<typeof PersonWithAccess>

/** Who gains and who loses, were a change saved. */
export const AccessChange = z
  .object({
    who: Who,
    thing: z.object({ id: Id, kind: ThingKind, name: z.string() }),
    before: Level.nullable(),
    after: Level.nullable()
  })
  .meta({ id: 'AccessChange' })

export type PrincipalKind = z.infer<typeof PrincipalKind>
export type ThingKind = z.infer<typeof ThingKind>
export type NewGrant = z.infer<typeof NewGrant>
export type AccessReason = z.infer<typeof AccessReason>
export type AccessChange = z.infer<typeof AccessChange>
