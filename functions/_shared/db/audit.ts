/** The audit log's rows: canonical bytes (RFC 8785), no names, personal details only as salted commitments. */
import { createHash, randomBytes } from 'node:crypto'
import canonicalize from 'canonicalize'
import type pg from 'pg'
import type { Action } from '../contract/activity.ts'
import { deputyInHand } from '../deputy.ts'
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
  const placed = await inWhosePlace(session, acts)
  const encoded = placed.map((act) =>
    encodeAct(asSeen(key ? { ...act, facts: { ...act.facts, key_id: key.id } } : act), at)
  )
  await session.query('select audit_append($1::text[], $2::bytea[], $3::text[])', [
    encoded.map((e) => e.body),
    encoded.map((e) => e.salt),
    encoded.map((e) => e.detail)
  ])
}

/** A deputy's acts name whoever's place gave them what they hold of the thing; one question, and of nobody else any. */
async function inWhosePlace(session: pg.ClientBase, acts: Act[]): Promise<Act[]> {
  const deputy = deputyInHand()
  const own = acts.filter((act) => act.actor_id === deputy && (act.project_id || act.document_id))
  if (!deputy || own.length === 0) return acts
  const { rows } = await session.query<{ things: string; absent: string | null }>(
    `select x.things, access_in_place_of($1, string_to_array(x.things, ' ')::uuid[], now()) as absent
       from (select distinct unnest($2::text[]) as things) x`,
    [deputy, own.map(thingsOf)]
  )
  const absent = new Map(rows.map((row) => [row.things, row.absent]))
  return acts.map((act) => {
    const deputy_of = own.includes(act) ? absent.get(thingsOf(act)) : null
    return deputy_of ? { ...act, facts: { deputy_of, ...act.facts } } : act
  })
}

/** Ids of what an act was about, the nearest first; not all of them are things. */
const thingsOf = ({ document_id, facts, subject_id, project_id }: Act): string =>
  [document_id, facts?.thing_id, subject_id, project_id].filter(Boolean).join(' ')
