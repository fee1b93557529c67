/** Groups of people, within one organisation or across; a group may stand in another one. */
import { z } from 'zod'
import { AccessChange } from './access.ts'
import { Id, Name, Time } from './common.ts'
import { Window, isWindow, windowError } from './organisation.ts'

export const Group = z
  .object({ id: Id, name: z.string(), people: z.int(), created_at: Time })
  .meta({ id: 'Group' })
export type Group = z.infer<typeof Group>

export const GroupMember = z
  .object({
    id: Id,
    kind: z.enum(['person', 'group']),
    name: z.string(),
    /** Of a person: the organisations that the reader may know of; empty for staff. */
    organisations: z.array(z.string()),
    staff: z.boolean(),
    active: z.boolean(),
    ...Window
  })
  .meta({ id: 'GroupMember' })
export type GroupMember = z.infer<typeof GroupMember>

export const GroupPage = Group.extend({
  members: z.array(GroupMember),
  /** Members whom the reader may not know of. */
  hidden: z.int(),
  /** Groups around this one: its members are members of these too. */
  within: z.array(z.object({ id: Id, name: z.string() })),
  /** What is granted to the group, as far as the reader sees it. */
  things: z.array(
    z.object({ id: Id, kind: z.enum(['firm', 'project', 'folder', 'document']), name: z.string() })
  ),
  /** The reader may change who is in it. */
  may_change: z.boolean()
}).meta({ id: 'GroupPage' })
export type GroupPage = z.infer<typeof GroupPage>

export const NewGroup = z.object({ name: Name })
export const GroupRename = z.object({ name: Name })

export const NewGroupMember = z
  .object({
    kind: z.enum(['person', 'group']),
    id: Id,
    valid_from: Time.nullable().default(null),
    valid_until: Time.nullable().default(null)
  })
  .refine(isWindow, windowError)
export type NewGroupMember = z.infer<typeof NewGroupMember>

/** Who would hold more or less, were somebody let in, taken out or the group given up. */
export const GroupLoss = z.array(AccessChange)
