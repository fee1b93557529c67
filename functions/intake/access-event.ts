/** MinIO's ObjectAccessed event: what was sent to whom. The ticket stands in the User-Agent, where the edge wrote it. */
import { z } from 'zod'
import { type Bytes, sentBytes } from '../_shared/rules/delivery.ts'
import { ARCHIVES } from '../_shared/storage/buckets.ts'

/** `archive`: of a ZIP that was ordered; else of an original. */
export type Sent = Bytes & { ticket: string; object_version_id: string; archive: boolean }

const TICKET = /^portico-ticket\/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/

const Access = z.object({
  eventName: z.string().regex(/^(s3:)?ObjectAccessed:Get$/),
  requestParameters: z.object({ range: z.string().optional() }),
  responseElements: z.object({ 'content-length': z.coerce.number().int().min(0) }),
  s3: z.object({
    object: z.object({
      key: z.string().default(''),
      size: z.number().int().min(0).default(0),
      // The derived bucket keeps no versions, and its events name none.
      versionId: z.string().default('')
    })
  }),
  source: z.object({ userAgent: z.string() })
})
const Event = z.object({ Records: z.array(z.unknown()) })

/** What of the event counts for a ticket; the reads of our own functions, which have none, are left out. Never throws. */
export function readAccessEvent(text: string): Sent[] {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    return []
  }
  return (Event.safeParse(parsed).data?.Records ?? []).flatMap((record) => readRecord(record) ?? [])
}

function readRecord(record: unknown): Sent | null {
  const access = Access.safeParse(record).data
  const ticket = TICKET.exec(access?.source.userAgent ?? '')?.[1]
  if (!access || !ticket) return null
  const { object } = access.s3
  const bytes = sentBytes(
    access.requestParameters.range,
    access.responseElements['content-length'],
    object.size
  )
  const archive = object.key.replaceAll('%2F', '/').startsWith(ARCHIVES)
  return bytes && { ticket, object_version_id: object.versionId, archive, ...bytes }
}
