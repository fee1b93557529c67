/** A client from near: its people, its projects, who of the firm works for it and who never does. */
import { z } from 'zod'
import { Id, Level, Locale, Name, PersonName, Time, Who } from './common.ts'
import { Email } from './person.ts'

/** Half-open [from, until), UTC; null: unbounded. */
export const Window = { valid_from: Time.nullable(), valid_until: Time.nullable() }

/** Whether the window has an inside; for `refine`. */
export const isWindow = (w: { valid_from?: string | null; valid_until?: string | null }): boolean =>
  !w.valid_from || !w.valid_until || Date.parse(w.valid_from) < Date.parse(w.valid_until)
export const windowError = { path: ['valid_until'], message: 'the window ends before it begins' }

export const Member = z
  .object({
    id: Id,
    name: z.string(),
    email: z.string(),
    /** Looks after the organisation's people. */
    administers: z.boolean(),
    /** A sub-account: never more than this person. */
    capped_by: Who.nullable(),
    active: z.boolean(),
    joined: z.boolean(),
    /** Whose account has this address already, where the reader may know of them: this one nobody can join. */
    placeholder_for: Who.nullable(),
    ...Window,
    /** What a sub-account was given by whoever caps it; told to that one only. */
    projects: z.array(z.object({ id: Id, level: Level }))
  })
  .meta({ id: 'Member' })
export type Member = z.infer<typeof Member>

/** A person or group of the firm that works for a client. */
export const Assignment = z
  .object({ id: Id, kind: z.enum(['person', 'group']), name: z.string(), ...Window })
  .meta({ id: 'Assignment' })
export type Assignment = z.infer<typeof Assignment>

export const Exclusion = z
  .object({ person: Who, reason: z.string(), created_at: Time })
  .meta({ id: 'Exclusion' })
export type Exclusion = z.infer<typeof Exclusion>

export const OrganisationPage = z
  .object({
    id: Id,
    name: z.string(),
    created_at: Time,
    /** As whom the reader is here. */
    reader: z.enum(['firm_administrator', 'staff', 'reading_staff', 'client_administrator']),
    members: z.array(Member),
    /** Those that the reader sees, with the reader's level. */
    projects: z.array(z.object({ id: Id, name: z.string(), level: Level })),
    /** Staff see only clients that they are assigned to. */
    walls: z.boolean(),
    /** The firm's business: empty for the client. */
    team: z.array(Assignment),
    /** Told to administrators of the firm. */
    exclusions: z.array(Exclusion)
  })
  .meta({ id: 'OrganisationPage' })
export type OrganisationPage = z.infer<typeof OrganisationPage>

export const OrganisationChange = z.object({ name: Name })

/** `valid_until: null`: without end. Now or before: out at once. */
export const MemberChange = z
  .object({ administers: z.boolean().optional(), valid_until: Time.nullable().optional() })
  .refine((wish) => wish.administers !== undefined || wish.valid_until !== undefined, {
    error: 'administers or valid_until'
  })
export type MemberChange = z.infer<typeof MemberChange>

const Given = z.object({ project_id: Id, level: Level })

/** An employee of the client, invited by its administrator; never more than that one. */
export const NewEmployee = z.object({
  email: Email,
  name: PersonName,
  locale: Locale,
  projects: z.array(Given).max(200).default([])
})
export type NewEmployee = z.infer<typeof NewEmployee>

/**
 * Projects that are not named stay as they are; `level: null` takes one away. What is locked is opened again by the firm
 * only, which may have had its own reason for the lock.
 */
export const EmployeeChange = z.object({
  active: z.literal(false).optional(),
  projects: z
    .array(Given.extend({ level: Level.nullable() }))
    .max(200)
    .default([])
})
export type EmployeeChange = z.infer<typeof EmployeeChange>

export const NewAssignment = z
  .object({
    principal_kind: z.enum(['person', 'group']),
    principal_id: Id,
    valid_from: Time.nullable().default(null),
    valid_until: Time.nullable().default(null)
  })
  .refine(isWindow, windowError)
export type NewAssignment = z.infer<typeof NewAssignment>

export const NewExclusion = z.object({ person_id: Id, reason: z.string().trim().min(1).max(500) })
export type NewExclusion = z.infer<typeof NewExclusion>
