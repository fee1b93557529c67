/** The audit log's rows: canonical bytes (RFC 8785), no names, personal details only as salted commitments. */
import { createHash, randomBytes } from 'node:crypto'
import canonicalize from 'canonicalize'
import type pg from 'pg'
import type { Action } from '../contract/activity.ts'
import { keyInHand } from '../key.ts'
import { asSeen } from '../seeing.ts'

/** One act, to be written in the transaction of what it did. */
export type Act = {
  action: Action
  /** The person; null: the portico itself, or nobody known. */
  actor_id: string | null
  project_id?: string | null
  document_id?: string | null
  /** Whatever else the act was about: a person, a grant, an upload, a job. */
  subject_id?: string | null
  /** Ids, numbers and codes. Never names. */
  facts?: Record<string, string | number | boolean | null>
  /** Personal details (address, device): kept apart so that they can be erased; the row holds their commitment. */
  detail?: Record<string, string>
}

/** The canonical bytes of one act at one moment, and its detail's salt. Throws if a fact cannot be canonical JSON. */
export function encodeAct(act: Act, at: Date): { body: string; salt: Buffer | null; detail: string | null } {
  const detail = act.detail ? text(act.detail) : null
  const salt = detail === null ? null : randomBytes(32)
  const body = text({
    v: 1,
    at: at.toISOString(),
    action: act.action,
    actor_id: act.actor_id,
    project_id: act.project_id ?? null,
    document_id: act.document_id ?? null,
    subject_id: act.subject_id ?? null,
    facts: act.facts ?? {},
    ...(salt && detail !== null && { detail: createHash('sha256').update(salt).update(detail).digest('hex') })
  })
  return { body, salt, detail }
}

function text(value: unknown): string {
  const canonical = canonicalize(value)
  if (canonical === undefined) throw new TypeError('not canonical JSON')
  return canonical
}

/**
 * Writes acts as the last statement of the business transaction: the counter's row is locked from here to the commit,
 * so number order is commit order (held during work it would cost a factor of ten, access.md).
 */
export async function appendAudit(session: pg.ClientBase, acts: Act[]): Promise<void> {
  if (acts.length === 0) return
  const at = new Date()
  const key = keyInHand()
  const encoded = acts.map((act) =>
    encodeAct(asSeen(key ? { ...act, facts: { ...act.facts, key_id: key.id } } : act), at)
  )
  await session.query('select audit_append($1::text[], $2::bytea[], $3::text[])', [
    encoded.map((e) => e.body),
    encoded.map((e) => e.salt),
    encoded.map((e) => e.detail)
  ])
}
