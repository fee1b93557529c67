/** Uploads whose bytes are in the store become documents; the receipt says what arrived, when, and who can see it. */
import { createRoute } from '@hono/zod-openapi'
import type { Document } from '../../_shared/contract/document.ts'
import { CompleteUploads, Receipt, type UploadOutcome } from '../../_shared/contract/upload.ts'
import { audienceOf } from '../../_shared/db/access.ts'
import type { Session } from '../../_shared/db/database.ts'
import { documentsByIds } from '../../_shared/db/document.ts'
import { type UploadRow, recordArrivals, uploadsByIds } from '../../_shared/db/upload.ts'
import { type Api, json, jsonBody, problems } from '../../_shared/http.ts'
import { log } from '../../_shared/log.ts'
import { type ArrivedObject, arrive } from '../../_shared/pipeline/arrive.ts'
import { type Landing, land } from '../landing.ts'
import { show } from '../show.ts'
import { keyOf, withUploads } from '../uploads.ts'

/** Names that a receipt lists; the others are counted. */
const NAMES = 20

const complete = createRoute({
  method: 'post',
  path: '/uploads/complete',
  summary: 'Finish up to 500 uploads; finishing again answers the same',
  request: { ...jsonBody(CompleteUploads) },
  responses: { 200: json(Receipt), ...problems }
})

export function completionRoutes(app: Api): void {
  app.openapi(complete, async (c) => {
    const caller = c.get('caller')
    const ids = [...new Set(c.req.valid('json').ids.map((id) => id.toLowerCase()))]
    const uploads = await withUploads(caller, ids, (session) => uploadsByIds(session, caller.id, ids))
    const started = performance.now()
    const landed = await land(uploads)
    const looked = performance.now()
    const landings = new Map(landed.map((landing, index) => [uploads[index]?.id, landing]))

    const objects = uploads.flatMap((upload) => objectOf(upload, landings.get(upload.id)))
    const wrong = await receive(caller, ids, objects)

    const receipt = await withUploads(caller, ids, async (session) => {
      const documents = await documentsOf(session, caller, uploads)
      const outcomes = ids.map((id): UploadOutcome => {
        const upload = uploads.find((one) => one.id === id)
        return outcomeOf(id, upload, landings.get(id), wrong.has(id), documents)
      })
      return { outcomes, ...(await audience(session, caller, outcomes)) }
    })
    log.debug('completed', {
      files: ids.length,
      store_ms: Math.round(looked - started),
      database_ms: Math.round(performance.now() - looked)
    })
    return c.json(receipt, 200)
  })
}

/**
 * Makes documents of what has arrived; the ids of uploads whose size is wrong. What the store's event is just being
 * received for is left to that and looked at in the end.
 */
async function receive(
  caller: { id: string },
  ids: string[],
  objects: ArrivedObject[]
): Promise<Set<string | undefined>> {
  const wrong = new Set<string | undefined>()
  let open = objects
  for (const busy of ['pass_over', 'wait'] as const) {
    if (open.length === 0) break
    const now = open
    const arrivals = await withUploads(caller, ids, async (session, acts) => {
      const arrived = await arrive(session, now, 'api', acts, busy)
      const received = arrived.filter((one) => one.outcome === 'received').map((one) => one.object)
      if (received.length > 0) await recordArrivals(session, received)
      return arrived
    })
    for (const one of arrivals) if (one.outcome === 'mismatch') wrong.add(one.upload?.id)
    open = arrivals.filter((one) => one.outcome === 'unknown').map((one) => one.object)
  }
  return wrong
}

const objectOf = (upload: UploadRow, landing: Landing | undefined): ArrivedObject[] =>
  landing?.at === 'store' ? [{ key: keyOf(upload), ...landing.object }] : []

async function documentsOf(
  session: Session,
  caller: { id: string },
  uploads: UploadRow[]
): Promise<Map<string, Document>> {
  const found = await documentsByIds(
    session,
    caller.id,
    uploads.map((upload) => upload.document_id)
  )
  return new Map(found.map((document) => [document.id, show(document)]))
}

/** There is a document: it arrived, whoever told first. Else what is missing; and what is not theirs is not there. */
function outcomeOf(
  id: string,
  upload: UploadRow | undefined,
  landing: Landing | undefined,
  wrong: boolean,
  documents: Map<string, Document>
): UploadOutcome {
  const document = upload && documents.get(upload.document_id)
  if (document) return { id, outcome: 'received', document, missing: [] }
  if (wrong) return { id, outcome: 'mismatch', document: null, missing: [] }
  if (landing?.at === 'partly') return { id, outcome: 'incomplete', document: null, missing: landing.missing }
  return { id, outcome: 'not_found', document: null, missing: [] }
}

/** When it arrived, and who can see it now besides the sender. */
async function audience(
  session: Session,
  caller: { id: string },
  outcomes: UploadOutcome[]
): Promise<Pick<Receipt, 'received_at' | 'seen_by' | 'seen_by_more'>> {
  const documents = outcomes.flatMap((outcome) => outcome.document ?? [])
  const folders = [...new Set(documents.map((document) => document.folder_id))]
  const people = folders.length > 0 ? await audienceOf(session, caller.id, folders) : []
  const times = documents.map((document) => Date.parse(document.version.received_at))
  return {
    received_at: new Date(times.length > 0 ? Math.max(...times) : Date.now()).toISOString(),
    seen_by: people.slice(0, NAMES),
    seen_by_more: Math.max(0, people.length - NAMES)
  }
}
