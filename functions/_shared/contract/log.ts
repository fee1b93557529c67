/** The firm's whole log: what it can be narrowed to. */
import { z } from 'zod'
import { ACTIONS, type Action } from './activity.ts'
import { Id, Time } from './common.ts'

export const LOG_GROUPS = ['sign_in', 'documents', 'access', 'office', 'inside'] as const
export const LogGroup = z.enum(LOG_GROUPS)
export type LogGroup = z.infer<typeof LogGroup>

/** By what stands before the point. What is not listed is the portal's own business. */
const GROUP_OF: Record<string, LogGroup> = {
  session: 'sign_in',
  second_factor: 'sign_in',
  password: 'sign_in',
  email: 'sign_in',
  project: 'documents',
  folder: 'documents',
  upload: 'documents',
  document: 'documents',
  version: 'documents',
  page: 'documents',
  text: 'documents',
  search: 'documents',
  comment: 'documents',
  archive: 'documents',
  grant: 'access',
  link: 'access',
  access: 'access',
  firm: 'office',
  organisation: 'office',
  membership: 'office',
  assignment: 'access',
  exclusion: 'access',
  group: 'office',
  guest: 'access',
  emergency: 'access',
  deputy: 'access',
  person: 'office',
  people: 'office',
  key: 'office',
  webhook: 'office',
  automation: 'documents',
  log: 'office'
}

/** The actions of a group. */
export const actionsOf = (group: LogGroup): Action[] =>
  ACTIONS.filter((action) => (GROUP_OF[action.split('.')[0] ?? ''] ?? 'inside') === group)

/** Filters, each narrowing the ones before. `person_id`: who did it; `from` counts, `until` does not. */
export const LogFilter = z.object({
  person_id: Id.optional(),
  group: LogGroup.optional(),
  from: Time.optional(),
  until: Time.optional()
})
export type LogFilter = z.infer<typeof LogFilter>
