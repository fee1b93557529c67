/** The audit log as people read it. */
import { z } from 'zod'
import { Id, Time, Who } from './common.ts'

/** Every act that is written down. A reader may meet none that is not listed here. */
export const ACTIONS = [
  'firm.set_up',
  'firm.changed',
  'organisation.created',
  'person.invited',
  'person.joined',
  'person.changed',
  'session.started',
  'session.ended',
  'session.failed',
  'second_factor.set_up',
  'second_factor.failed',
  'project.created',
  'folder.created',
  'grant.given',
  'grant.taken',
  'link.created',
  'link.opened',
  'link.revoked',
  'link.renewed',
  'link.renewal_asked',
  'link.mailed',
  'upload.started',
  'upload.aborted',
  'upload.swept',
  'document.received',
  'document.adopted',
  'document.viewed',
  'document.downloaded',
  'document.delivered',
  'page.viewed',
  'text.viewed',
  'search.run',
  'access.refused',
  'document.renamed',
  'document.moved',
  'document.trashed',
  'document.restored',
  'folder.renamed',
  'folder.moved',
  'folder.trashed',
  'folder.restored',
  'comment.written',
  'comment.taken_back',
  'version.received',
  'version.restored',
  'version.checked',
  'version.held',
  'version.released',
  'version.ready',
  'version.not_previewed',
  'job.dead',
  'job.begun_again',
  'incident.noticed',
  'mail.sent',
  'key.created',
  'key.revoked',
  'log.exported'
] as const
export const Action = z.enum(ACTIONS)
export type Action = z.infer<typeof Action>

/** One act. Facts hold no names: ids, numbers and codes only. */
export const Activity = z
  .object({
    seq: z.int(),
    at: Time,
    action: Action,
    actor: Who.nullable(),
    project_id: Id.nullable(),
    document: z.object({ id: Id, name: z.string() }).nullable(),
    subject: Who.nullable(),
    facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))
  })
  .meta({ id: 'Activity' })
export type Activity = z.infer<typeof Activity>
