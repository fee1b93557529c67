/** URLs for the parts of one file. The store's multipart upload begins with the first of them. */
import { createRoute, z } from '@hono/zod-openapi'
import { Id } from '../../_shared/contract/common.ts'
import { PartNumbers, PartUrls } from '../../_shared/contract/upload.ts'
import { requireInProject } from '../../_shared/db/access.ts'
import { type UploadRow, setBegun, touchUploads } from '../../_shared/db/upload.ts'
import { type Api, json, jsonBody, problems } from '../../_shared/http.ts'
import { Problem, notFound } from '../../_shared/problem.ts'
import { partCount, partLength } from '../../_shared/rules/upload.ts'
import { DOCUMENTS } from '../../_shared/storage/buckets.ts'
import { database } from '../database.ts'
import { openStore, uploadSigner } from '../store.ts'
import { isSingle, keyOf, requireOpenUpload, withUploads } from '../uploads.ts'

const parts = createRoute({
  method: 'post',
  path: '/uploads/{id}/parts',
  summary: 'Presigned PUTs for parts, each for exactly its length',
  request: { params: z.object({ id: Id }), ...jsonBody(PartNumbers) },
  responses: { 200: json(PartUrls), ...problems }
})

export function uploadPartRoutes(app: Api): void {
  app.openapi(parts, async (c) => {
    const caller = c.get('caller')
    const { id } = c.req.valid('param')
    const { numbers } = c.req.valid('json')
    const upload = await withUploads(caller, [id], async (session) => {
      const own = await requireOpenUpload(session, caller, id)
      await touchUploads(session, [id])
      return own
    })
    await requireInProject(database, caller, upload.folder_id, 'contribute', 'node')
    requireParts(upload, numbers)

    const { put } = await uploadSigner()
    if (isSingle(upload)) {
      const url = await put({ bucket: DOCUMENTS, key: keyOf(upload), size: upload.size, once: true })
      return c.json({ parts: [{ number: 1, url }] }, 200)
    }
    const upload_id = upload.store_upload_id ?? (await begin(caller, upload))
    const urls = [...new Set(numbers)].map(async (number) => ({
      number,
      url: await put({
        bucket: DOCUMENTS,
        key: keyOf(upload),
        size: partLength(upload.size, upload.part_size, number),
        part: { upload_id, number }
      })
    }))
    return c.json({ parts: await Promise.all(urls) }, 200)
  })
}

function requireParts(upload: UploadRow, numbers: number[]): void {
  const most = partCount(upload.size, upload.part_size)
  const errors = numbers.flatMap((number, index) =>
    number > most ? [{ field: `numbers.${index}`, code: 'too_big', detail: `the last part is ${most}` }] : []
  )
  if (errors.length > 0) throw new Problem('invalid_request', 'There are no such parts.', { errors })
}

/** Begins it in the store. Of two calls at once the later one lets its own go and uses the first one's. */
async function begin(caller: { id: string }, upload: UploadRow): Promise<string> {
  const { client, beginMultipart, abortMultipart } = await openStore()
  const begun = await beginMultipart(client, DOCUMENTS, keyOf(upload), upload.declared_type)
  const first = await withUploads(caller, [upload.id], async (session) => {
    if (await setBegun(session, upload.id, begun)) return begun
    return (await requireOpenUpload(session, caller, upload.id)).store_upload_id
  })
  if (first !== begun) await abortMultipart(client, DOCUMENTS, keyOf(upload), begun)
  if (!first) throw notFound()
  return first
}
