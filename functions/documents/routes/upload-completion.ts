/** Uploads whose bytes are in the store become documents; the receipt says what arrived, when, and who can see it. */
import { createRoute } from '@hono/zod-openapi'
import type { Document } from '../../_shared/contract/document.ts'
import { CompleteUploads, Receipt, type UploadOutcome } from '../../_shared/contract/upload.ts'
import { audienceOf } from '../../_shared/db/access.ts'
import type { Session } from '../../_shared/db/database.ts'
import { documentsByIds } from '../../_shared/db/document.ts'
import { type UploadRow, landedVersions, recordArrivals, uploadsByIds } from '../../_shared/db/upload.ts'
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
      const became = await whatBecame(session, caller, uploads)
      const outcomes = ids.map((id): UploadOutcome => {
        const upload = uploads.find((one) => one.id === id)
        return outcomeOf(id, upload, landings.get(id), wrong.has(id), became)
      })
      return { outcomes, ...(await audience(session, caller, [...became.values()])) }
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

type Became = { document: Document; version_no: number; received_at: string }

/** What has arrived, whoever told first, by the ids of the uploads' versions. */
async function whatBecame(
  session: Session,
  caller: { id: string },
  uploads: UploadRow[]
): Promise<Map<string, Became>> {
  const landed = await landedVersions(
    session,
    uploads.map((upload) => upload.version_id)
  )
  const ids = [...new Set(landed.map((version) => version.document_id))]
  const found = await documentsByIds(session, caller.id, ids)
  const documents = new Map(found.map((document) => [document.id, show(document)]))
  return new Map(
    landed.flatMap(({ version_id, document_id, no, received_at }): [string, Became][] => {
      const document = documents.get(document_id)
      return document ? [[version_id, { document, version_no: no, received_at }]] : []
    })
  )
}

/** It became something: it arrived. Else what is missing; and what is not theirs is not there. */
function outcomeOf(
  id: string,
  upload: UploadRow | undefined,
  landing: Landing | undefined,
  wrong: boolean,
  became: Map<string, Became>
): UploadOutcome {
  const here = upload && became.get(upload.version_id)
  if (here) {
    const { document, version_no } = here
    return { id, outcome: 'received', document, version_no, missing: [] }
  }
  const nothing = { id, document: null, version_no: null }
  if (wrong) return { ...nothing, outcome: 'mismatch', missing: [] }
  if (landing?.at === 'partly') return { ...nothing, outcome: 'incomplete', missing: landing.missing }
  return { ...nothing, outcome: 'not_found', missing: [] }
}

/** When it arrived, and who can see it now besides the sender. */
async function audience(
  session: Session,
  caller: { id: string },
  became: Became[]
): Promise<Pick<Receipt, 'received_at' | 'seen_by' | 'seen_by_more'>> {
  const folders = [...new Set(became.map((one) => one.document.folder_id))]
  const people = folders.length > 0 ? await audienceOf(session, caller.id, folders) : []
  const times = became.map((one) => Date.parse(one.received_at))
  return {
    received_at: new Date(times.length > 0 ? Math.max(...times) : Date.now()).toISOString(),
    seen_by: people.slice(0, NAMES),
    seen_by_more: Math.max(0, people.length - NAMES)
  }
}
