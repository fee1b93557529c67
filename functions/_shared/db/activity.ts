/** The audit log as it is read. Rows hold no names: they are looked up when somebody reads, as far as they may see them. */
import { z } from 'zod'
import { Action, Activity } from '../contract/activity.ts'
import { Id, Time, Who } from '../contract/common.ts'
import { type LogFilter, actionsOf } from '../contract/log.ts'
import { type Session, blocks, prepare, rows } from './database.ts'

const sql = blocks<
  'of_project' | 'of_document' | 'of_firm' | 'of_filter' | 'acts' | 'documents' | 'subjects'
>(new URL('./activity.sql', import.meta.url))

const StoredAct = z.object({
  seq: z.int(),
  at: Time,
  action: Action,
  actor_id: Id.nullable(),
  project_id: Id.nullable(),
  document_id: Id.nullable(),
  subject_id: Id.nullable(),
  facts: Activity.shape.facts,
  /** The reader's level on what the act was about: 0 none … 4 manage. */
  level: z.int(),
  actor_name: z.string().nullable(),
  actor_is_staff: z.boolean(),
  as_guest: z.boolean()
})
/** One act with what decides who may see it. */
export type StoredAct = z.infer<typeof StoredAct>

/** What part of the log is read; both null: all of it. */
export type LogPart = { project_id: string | null; document_id: string | null; filter?: LogFilter }

/** Up to `n` acts of a part of the log with numbers below `before`, newest first, not yet filtered. */
export async function actsBefore(
  session: Session,
  reader_id: string,
  part: LogPart,
  before: number,
  n: number
): Promise<StoredAct[]> {
  const found = await numbersBefore(session, part, before, n)
  return actsOf(
    session,
    reader_id,
    found.map((act) => act.seq)
  )
}

/** The acts of these numbers, newest first, not yet filtered. */
export async function actsOf(session: Session, reader_id: string, numbers: number[]): Promise<StoredAct[]> {
  if (numbers.length === 0) return []
  return rows(session, prepare(sql('acts')), [reader_id, numbers], StoredAct)
}

function numbersBefore(session: Session, part: LogPart, before: number, n: number) {
  const Seq = z.object({ seq: z.int() })
  if (part.filter) {
    const { person_id = null, group, from = null, until = null } = part.filter
    const actions = group ? actionsOf(group) : null
    const wanted = [part.project_id, before, n, person_id, actions, from, until]
    // Not prepared: a plan for every filter at once would walk the whole log.
    return rows(session, sql('of_filter'), wanted, Seq)
  }
  const which = part.document_id ? 'of_document' : part.project_id ? 'of_project' : 'of_firm'
  return rows(session, prepare(sql(which)), [part.document_id ?? part.project_id, before, n], Seq)
}

/** Names of those of these documents that the reader may see, by id. Row-level security must be open for them. */
export async function documentNames(
  session: Session,
  reader_id: string,
  ids: string[]
): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map()
  const found = await rows(session, prepare(sql('documents')), [reader_id, ids], Who)
  return new Map(found.map((one) => [one.id, one.name]))
}

/** Names of people, organisations, groups, and of the folders and projects that the reader may see, by id. */
export async function subjectNames(
  session: Session,
  reader_id: string,
  ids: string[]
): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map()
  const found = await rows(session, prepare(sql('subjects')), [reader_id, ids], Who)
  return new Map(found.map((one) => [one.id, one.name]))
}
