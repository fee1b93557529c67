/** arrive: a key of the documents bucket was written. No function is called: it is looked at, and received or not. */
import { z } from 'zod'
import { Id } from '../contract/common.ts'
import type { Act } from '../db/audit.ts'
import { type Session, blocks, row } from '../db/database.ts'
import { type Arrival, arrive } from './arrive.ts'
import { noticeIncident } from './incident.ts'
import type { Kind } from './kind.ts'
import { seenHead } from './seen-head.ts'

const sql = blocks<'known' | 'source'>(new URL('./arrival.sql', import.meta.url))

/** Seconds until a copy that adopt has made but not yet written down is looked at again. */
const ADOPTION = 10

/** What inbox_record puts into such a job. */
const ObjectJob = z.object({ bucket: z.string(), key: z.string(), object_version_id: z.string() })
type ObjectJob = z.infer<typeof ObjectJob>

const Pinned = z.object({ pinned: z.string().nullable(), document_id: Id.nullable() })
const Known = Pinned.extend({ being_adopted: z.boolean() })
const Looked = Pinned.extend({ size: z.number().nullable() })

export const arrival: Kind = {
  at_once: 8,
  attempts: 12,
  needs_soon: ['scan', 'preview'],

  prepare: async (job, deps) => {
    const object = ObjectJob.parse(job.data)
    const known = await row(deps.database.pool, sql('known'), [object.key], Known)
    if (known?.being_adopted)
      return { answer: { outcome: 'retry', after_seconds: ADOPTION, reason: 'being_adopted' } }
    // Received already, by the API's completion as a rule: nothing is left to do, and nothing is looked at.
    if (known?.pinned === object.object_version_id) return { answer: { outcome: 'done', result: null } }
    const head = await seenHead(job, deps, object)
    return {
      answer: {
        outcome: 'done',
        result: {
          size: head?.size ?? null,
          pinned: known?.pinned ?? null,
          document_id: known?.document_id ?? null
        }
      }
    }
  },

  projects: () => [],

  apply: async (session, job, answer, acts) => {
    if (answer.outcome !== 'done' || answer.result === null) return
    const object = ObjectJob.parse(job.data)
    const { size, ...pinned } = Looked.parse(answer.result)
    if (size === null) return noticeIncident(session, acts, 'object_missing', object)
    const source = await row(
      session,
      sql('source'),
      [object.bucket, object.key, object.object_version_id],
      z.object({ source: z.enum(['api', 'event', 'reconciliation']) })
    )
    const [arrived] = await arrive(session, [{ ...object, size }], source?.source ?? 'event', acts)
    if (arrived) await notice(session, arrived, object, pinned, acts)
  },

  give_up: (session, job, reason, acts) =>
    noticeIncident(session, acts, 'not_received', {
      ...ObjectJob.parse(job.data),
      reason: reason.slice(0, 200)
    })
}

/** What an arrival that received nothing means. An upload that its person gave up or may no longer make is nothing. */
async function notice(
  session: Session,
  { outcome, upload, object: { size } }: Arrival,
  object: ObjectJob,
  { pinned, document_id }: z.infer<typeof Pinned>,
  acts: Act[]
): Promise<void> {
  const about = {
    project_id: upload?.project_id ?? null,
    document_id: document_id ?? upload?.document_id ?? null
  }
  if (outcome === 'other_version')
    return noticeIncident(session, acts, 'other_version', { ...object, size }, about)
  if (outcome === 'mismatch')
    return noticeIncident(
      session,
      acts,
      'size_mismatch',
      { ...object, size, announced: upload?.size ?? null },
      about
    )
  if (outcome !== 'unknown' || pinned === object.object_version_id) return
  const kind = pinned === null ? 'foreign_key' : 'other_version'
  await noticeIncident(session, acts, kind, { ...object, size }, { document_id })
}
