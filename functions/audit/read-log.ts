/** Pages of the log: read in slices, filtered by the rule, names looked up at the end. */
import type { Activity } from '../_shared/contract/activity.ts'
import {
  type LogPart,
  type StoredAct,
  actsBefore,
  documentNames,
  subjectNames
} from '../_shared/db/activity.ts'
import { type Session, seeProjects } from '../_shared/db/database.ts'
import { type Reader, maySeeAct } from '../_shared/rules/activity.ts'
import { database } from './database.ts'

/** Acts that one call looks through at most; a page may be short before the end of the log. */
const MOST = 5_000

/** @returns up to `limit` acts before a number, newest first, and the number to go on from; null at the end */
export function readLog(
  reader: Reader,
  part: LogPart,
  before: number,
  limit: number
): Promise<{ items: Activity[]; next: number | null }> {
  return database.transaction([], async (session) => {
    const seen: StoredAct[] = []
    let place: number | null = before
    let size = limit + 1
    for (let looked = 0; place !== null && looked < MOST && seen.length <= limit; looked += size, size *= 2) {
      const slice: StoredAct[] = await actsBefore(session, reader.id, part, place, size)
      seen.push(...slice.filter((act) => maySeeAct(act, reader)))
      place = slice.length < size ? null : (slice.at(-1)?.seq ?? null)
    }
    const page = seen.slice(0, limit)
    const next = seen.length > limit ? (page.at(-1)?.seq ?? null) : place
    return { items: await withNames(session, reader, page), next }
  })
}

async function withNames(session: Session, reader: Reader, page: StoredAct[]): Promise<Activity[]> {
  const ids = (of: (act: StoredAct) => string | null) => [...new Set(page.flatMap((act) => of(act) ?? []))]
  const projects = ids((act) => act.project_id)
  if (projects.length > 0) await seeProjects(session, projects)
  const documents = await documentNames(
    session,
    reader.id,
    ids((act) => act.document_id)
  )
  const names = await subjectNames(session, reader.id, [
    ...new Set([...ids((act) => act.subject_id), ...ids(absentOf), ...projects])
  ])
  return page.map((act): Activity => {
    const document = named(act.document_id, documents)
    return {
      seq: act.seq,
      at: act.at,
      action: act.action,
      actor: act.actor_id === null ? null : { id: act.actor_id, name: act.actor_name ?? '' },
      project_id: act.project_id,
      project: named(act.project_id, names),
      document,
      subject: named(act.subject_id, names),
      deputy_of: named(absentOf(act), names),
      // Whoever reads the log without seeing the document still tells one from another.
      facts: document || !act.document_id ? act.facts : { ...act.facts, document_id: act.document_id }
    }
  })
}

/** In whose place it was done: a fact of a deputy's act. */
const absentOf = ({ facts }: StoredAct): string | null =>
  typeof facts.deputy_of === 'string' ? facts.deputy_of : null

function named(id: string | null, names: Map<string, string>): { id: string; name: string } | null {
  const name = id === null ? undefined : names.get(id)
  return id === null || name === undefined ? null : { id, name }
}
