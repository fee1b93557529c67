/** MinIO's bucket event (the S3 event record, version 2.0) as facts for the inbox. */
import { z } from 'zod'

/** One fact: this version of this key was created or removed. `size` in bytes; null for removals. */
export type Fact = {
  bucket: string
  key: string
  object_version_id: string
  kind: 'created' | 'removed'
  size: number | null
  /** When the store says that it happened; null: it does not say so in a way that we can read. */
  happened_at: string | null
}

const Record = z.object({
  eventName: z.string(),
  eventTime: z.string().optional(),
  s3: z.object({
    bucket: z.object({ name: z.string().min(1) }),
    object: z.object({
      key: z.string().min(1),
      versionId: z.string().optional(),
      size: z.number().int().min(0).optional()
    })
  })
})
const Event = z.object({ Records: z.array(z.unknown()).min(1) })

/**
 * Reads an event's text. What can be read is in `facts`, in an order that never deadlocks with another event of the
 * same keys; `unreadable` says why something could not be, else it is null. Never throws.
 */
export function readEvent(text: string): { facts: Fact[]; unreadable: string | null } {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    return { facts: [], unreadable: 'not JSON' }
  }
  const event = Event.safeParse(parsed)
  if (!event.success) return { facts: [], unreadable: 'no Records' }
  const facts: Fact[] = []
  let unreadable: string | null = null
  for (const record of event.data.Records) {
    const fact = readRecord(record)
    if (typeof fact === 'string') unreadable ??= fact
    else facts.push(fact)
  }
  return { facts: facts.sort((a, b) => (place(a) < place(b) ? -1 : 1)), unreadable }
}

const place = (fact: Fact): string => `${fact.bucket}\n${fact.key}\n${fact.object_version_id}\n${fact.kind}`

/** A fact, or the reason why there is none. */
function readRecord(value: unknown): Fact | string {
  const record = Record.safeParse(value)
  if (!record.success) return `record: ${record.error.issues[0]?.path.join('.')}`
  const { eventName, eventTime, s3 } = record.data
  const kind = kindOf(eventName)
  if (!kind) return 'event name'
  const key = decodeKey(s3.object.key)
  // Postgres takes no NUL in text; S3 takes none in keys either.
  if (key === null || key.includes('\0')) return 'key'
  return {
    bucket: s3.bucket.name,
    key,
    object_version_id: s3.object.versionId || 'null', // S3's own name for the version of an unversioned object
    kind,
    size: kind === 'created' ? (s3.object.size ?? null) : null,
    happened_at: z.iso.datetime().safeParse(eventTime).data ?? null
  }
}

/** Multipart uploads end as ObjectCreated:CompleteMultipartUpload; with versions a delete is DeleteMarkerCreated. */
function kindOf(eventName: string): Fact['kind'] | null {
  if (/^(s3:)?ObjectCreated:/.test(eventName)) return 'created'
  if (/^(s3:)?ObjectRemoved:/.test(eventName)) return 'removed'
  return null
}

/** `object.key` is URL-encoded as in a query: `+` is a space. */
function decodeKey(key: string): string | null {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '))
  } catch {
    return null
  }
}
