/** What must never happen and was noticed: kept with its circumstances, and told in the audit log. */
import type { Act } from '../db/audit.ts'
import { type Session, run } from '../db/database.ts'
import { log } from '../log.ts'

/**
 * @param kind a stable code: object_missing, other_version, size_mismatch, foreign_key, unknown_project …
 * @param detail ids, keys, sizes; no names of people
 */
export async function noticeIncident(
  session: Session,
  acts: Act[],
  kind: string,
  detail: Record<string, string | number | null>,
  about: { project_id?: string | null; document_id?: string | null } = {}
): Promise<void> {
  await run(session, 'insert into incident (kind, detail) values ($1, $2)', [kind, detail])
  acts.push({ action: 'incident.noticed', actor_id: null, ...about, facts: { kind } })
  log.error('incident', { kind, ...about })
}
