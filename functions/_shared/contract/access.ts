/** Grants, and the answer of the access rule. */
import { z } from 'zod'
import { Id, LEVELS, Level, Time, Who, pageOf } from './common.ts'
import { StandsIn } from './deputy.ts'
import { isWindow, windowError } from './organisation.ts'

export const PrincipalKind = z.enum(['person', 'group', 'organisation'])
export const ThingKind = z.enum(['firm', 'project', 'folder', 'document'])

const Window = {
  /** Half-open [from, until), UTC; null: unbounded. */
  valid_from: Time.nullable().default(null),
  valid_until: Time.nullable().default(null)
}
const Wish = {
  level: Level,
  /** false: takes this level and those above it. */
  allows: z.boolean().default(true),
  ...Window,
  note: z.string().trim().max(500).nullable().default(null),
  /** Save although one's own or the last `manage` would go. */
  confirm: z.boolean().default(false)
}
export const NewGrant = z
  .object({
    thing_id: Id,
    principal_kind: PrincipalKind,
    principal_id: Id,
    /** Of documents only those that the one who asks uploaded (a drop folder). */
    own_only: z.boolean().default(false),
    ...Wish
  })
  .refine(isWindow, windowError)
  .refine((g) => !g.own_only || (g.allows && g.level !== 'manage'), {
    path: ['own_only'],
    message: 'only what is allowed below manage can be for own uploads'
  })

/** A grant as it shall be from now on. Whom, where, and whether for own uploads only stays: for that there is another grant. */
export const GrantChange = z
  .object({
    ...Wish,
    /** The one that was looked at; when somebody else was faster, `grant_changed`. */
    revision: z.int().min(1)
  })
  .refine(isWindow, windowError)
export type GrantChange = z.infer<typeof GrantChange>

const Thing = z.object({ id: Id, kind: ThingKind, name: z.string() })

export const Grant = z
  .object({
    id: Id,
    thing: Thing,
    principal: Who.extend({
      kind: PrincipalKind,
      /** False: the account is closed, or not open yet. */
      active: z.boolean()
    }),
    level: Level,
    allows: z.boolean(),
    own_only: z.boolean(),
    valid_from: Time.nullable(),
    valid_until: Time.nullable(),
    /** An administrator's, taken for four hours (contract/emergency.ts). */
    emergency: z.boolean(),
    note: z.string().nullable(),
    given_by: Who.nullable(),
    created_at: Time,
    revision: z.int(),
    /** The last change; null: none. */
    changed_by: Who.nullable(),
    changed_at: Time.nullable()
  })
  .meta({ id: 'Grant' })
export type Grant = z.infer<typeof Grant>
export const GrantPage = pageOf(Grant).extend({ total: z.int() })
export type GrantPage = z.infer<typeof GrantPage>

/** What is looked for in a list of grants or people: part of a name. */
export const NameQuery = z.object({
  q: z.string().trim().max(100).optional(),
  cursor: z.string().max(1_000).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50)
})

/** One step of the chain that led to an answer, in the order in which the rule heard it. */
export const AccessReason = z.object({
  step: z.enum(['allow', 'deny']),
  level: Level,
  through: Who.extend({ kind: PrincipalKind }),
  on: Thing,
  own_only: z.boolean(),
  until: Time.nullable(),
  /** Whose grant it is, where a deputy holds it in their place; until then. */
  in_place_of: StandsIn.nullable()
})

/** Somebody who can see a thing, how far, and through what. */
export const PersonWithAccess = z
  .object({ who: Who, staff: z.boolean(), level: Level, reason: AccessReason.nullable() })
  .meta({ id: 'PersonWithAccess' })
export type PersonWithAccess = z.infer<typeof PersonWithAccess>
export const Holders = pageOf(PersonWithAccess).extend({ total: z.int() })
export type Holders = z.infer<typeof Holders>

/** Who gains and who loses, were a change saved. */
export const AccessChange = z
  .object({
    who: Who,
    thing: Thing,
    before: Level.nullable(),
    after: Level.nullable()
  })
  .meta({ id: 'AccessChange' })

/** The same, of a trial before it is saved. */
export const TriedChange = AccessChange.extend({
  /** A link, which goes with whoever made it. */
  link: z.boolean(),
  /** What it would be without the lock that lies over it; null: no lock has a say. */
  unlocked: z.object({ before: Level.nullable(), after: Level.nullable() }).nullable(),
  /** Of a folder or project: what others upload there, where that is another change; null: it is the same. */
  others: z.object({ before: Level.nullable(), after: Level.nullable() }).nullable()
}).meta({ id: 'TriedChange' })
export type TriedChange = z.infer<typeof TriedChange>

/** What saving would do, at each moment at which it makes a difference. */
export const AccessTrial = z
  .object({
    moments: z.array(
      z.object({
        /** null: at once. */
        at: Time.nullable(),
        /** What goes when the grant itself ends. */
        ending: z.boolean(),
        /** The thing itself first; below it only where the change is another one. The first 200. */
        changes: z.array(TriedChange),
        /** Of all the changes. */
        people: z.int()
      })
    ),
    /** Whoever saves would lose the right to manage. */
    own: z.boolean(),
    /** What nobody would manage any more. */
    unmanaged: z.array(Thing)
  })
  .meta({ id: 'AccessTrial' })
export type AccessTrial = z.infer<typeof AccessTrial>

/** Closed: nothing that is granted above speaks here. */
export const Closing = z.object({
  inherits: z.boolean(),
  confirm: z.boolean().default(false)
})
export type Closing = z.infer<typeof Closing>

/** A lock on a thing or above it. */
const LockLine = z.object({ on: Thing, hides: z.boolean(), valid_from: Time, valid_until: Time.nullable() })

/** What besides grants has a say on a thing. */
export const ThingAccess = z
  .object({
    thing: Thing.extend({ project_id: Id }),
    inherits: z.boolean(),
    /** The nearest closed thing above; null: none. `name` is empty where it may not be seen. */
    closed_above: Thing.nullable(),
    locks: z.array(LockLine),
    /** Staff see only the clients they are assigned to. */
    walls: z.boolean(),
    /** People of the firm who never see anything of this client. */
    exclusions: z.int(),
    /** What lies below and has a say of its own, as far as one sees it: the first 100 by name. */
    below: z.array(Thing.extend({ inherits: z.boolean(), grants: z.int() })),
    /** There is more of it. */
    below_more: z.boolean()
  })
  .meta({ id: 'ThingAccess' })
export type ThingAccess = z.infer<typeof ThingAccess>

/** A thing that one manages, or would without the locks that lie on it. */
export const ManagedThing = Thing.extend({
  kind: z.enum(['project', 'folder', 'document']),
  project_id: Id
}).meta({ id: 'ManagedThing' })

/** After closing: the grant by which whoever closed it goes on managing; null: there was one already, or it was opened. */
export const Closed = ThingAccess.extend({ grant_id: Id.nullable() }).meta({ id: 'Closed' })
export type Closed = z.infer<typeof Closed>

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
    'in_place_of',
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
  on: Thing.nullable(),
  through: Who.extend({ kind: z.enum(['person', 'group', 'organisation', 'link']) }).nullable(),
  /** Of an allow: it speaks of what one uploaded oneself. */
  own_only: z.boolean(),
  /** Of a cap, a wall, an exclusion, a wait for release or somebody absent, whose deputy it is: whom it concerns. */
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
