/** Grants, and the answer of the access rule. */
import { z } from 'zod'
import { Id, LEVELS, Level, Time, Who } from './common.ts'

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
    /** Of documents only those that the one who asks uploaded (a drop folder). */
    own_only: z.boolean().default(false),
    ...Window,
    note: z.string().trim().max(500).nullable().default(null),
    /** Save although one's own or the last `manage` would go. */
    confirm: z.boolean().default(false)
  })
  .refine((g) => !g.valid_from || !g.valid_until || g.valid_from < g.valid_until, {
    path: ['valid_until'],
    message: 'the window ends before it begins'
  })
  .refine((g) => !g.own_only || (g.allows && g.level !== 'manage'), {
    path: ['own_only'],
    message: 'only what is allowed below manage can be for own uploads'
  })

export const Grant = z
  .object({
    id: Id,
    thing: z.object({ id: Id, kind: ThingKind, name: z.string() }),
    principal: Who.extend({ kind: PrincipalKind }),
    level: Level,
    allows: z.boolean(),
    own_only: z.boolean(),
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
  own_only: z.boolean(),
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

/** Whom, and when: without a moment now. */
export const SimulationQuery = z.object({ who: Id, at: Time.optional() })

const AnyLevel = z.enum(LEVELS)

/** One line of the chain, in the order in which the rule heard it. What the asker may not see is left out as null. */
export const SimulationStep = z.object({
  step: z.enum([
    'allow',
    'deny',
    'not_active',
    'no_more_than',
    'excluded',
    'walled_off',
    'waiting',
    'hidden',
    'view_only'
  ]),
  /** What an allow or a deny is about. */
  level: Level.nullable(),
  /** What was held after it. */
  held: AnyLevel.nullable(),
  on: z.object({ id: Id, kind: ThingKind, name: z.string() }).nullable(),
  through: Who.extend({ kind: z.enum(['person', 'group', 'organisation', 'link']) }).nullable(),
  /** Of an allow: it speaks of what one uploaded oneself. */
  own_only: z.boolean(),
  /** Of a cap, a wall, an exclusion or a wait for release: whom it concerns. */
  person: Who.nullable(),
  valid_from: Time.nullable(),
  valid_until: Time.nullable()
})
export type SimulationStep = z.infer<typeof SimulationStep>

/** What somebody may do with a thing at a moment, why, and when that changes next. */
export const Simulation = z
  .object({
    who: Who.extend({ kind: z.enum(['person', 'link']) }),
    at: Time,
    level: AnyLevel,
    /** As if no lock were on it. */
    unlocked: AnyLevel,
    steps: z.array(SimulationStep),
    /** The next moments at which the answer is another, three at most. */
    changes: z.array(z.object({ at: Time, level: AnyLevel }))
  })
  .meta({ id: 'Simulation' })
export type Simulation = z.infer<typeof Simulation>
