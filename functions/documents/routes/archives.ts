/** Several documents or a folder as one ZIP: first what it would hold, then the ZIP itself. */
import { createRoute, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { Readable } from 'node:stream'
import { requireOwnEyes } from '../../_shared/auth/session.ts'
import { ArchiveContents, ArchiveWish } from '../../_shared/contract/archive.ts'
import { type Api, clientAddress, json, problems } from '../../_shared/http.ts'
import { Problem } from '../../_shared/problem.ts'
import {
  type ArchivePlan,
  MAX_ARCHIVE_COUNT,
  MAX_ARCHIVE_SIZE,
  MAX_ORDER_COUNT,
  MAX_ORDER_SIZE
} from '../../_shared/rules/archive.ts'
import { attachment } from '../../_shared/storage/disposition.ts'
import { lookInto, openArchive, projectOf } from '../archive.ts'
import { database } from '../database.ts'

const contents = createRoute({
  method: 'get',
  path: '/archives/contents',
  summary: 'What a ZIP of a folder, or of documents of one project, would hold',
  request: { query: ArchiveWish },
  responses: { 200: json(ArchiveContents), ...problems }
})
const archive = createRoute({
  method: 'get',
  path: '/archives',
  summary:
    'The originals of a folder, or of documents of one project, as a ZIP with their SHA-256 sums (download)',
  request: { query: ArchiveWish },
  responses: {
    200: { description: 'The ZIP', content: { 'application/zip': { schema: z.string() } } },
    ...problems
  }
})

export function archiveRoutes(app: Api): void {
  app.openapi(contents, async (c) => {
    const wish = c.req.valid('query')
    const caller = c.get('caller')
    const project_id = await projectOf(caller, wish)
    const found = await database.transaction([project_id], (session) =>
      lookInto(session, caller.id, project_id, wish, MAX_ORDER_COUNT)
    )
    const { name, plan } = found
    return c.json(
      {
        name,
        count: plan.files.length,
        size: plan.size,
        left_out: plan.left_out.map(({ name: left, why }) => ({ name: left, why })),
        max_size: MAX_ARCHIVE_SIZE,
        max_count: MAX_ARCHIVE_COUNT,
        order_max_size: MAX_ORDER_SIZE,
        order_max_count: MAX_ORDER_COUNT
      },
      200
    )
  })

  app.openapi(archive, async (c) => {
    const wish = c.req.valid('query')
    const caller = c.get('caller')
    requireOwnEyes(caller)
    const project_id = await projectOf(caller, wish)
    const { name, plan } = await database.transaction([project_id], async (session, acts) => {
      const found = await lookInto(session, caller.id, project_id, wish, MAX_ARCHIVE_COUNT)
      requireFits(found.plan)
      const address = clientAddress(c)
      for (const file of found.plan.files)
        acts.push({
          action: 'document.downloaded',
          actor_id: caller.id,
          project_id,
          document_id: file.document_id,
          subject_id: file.version_id,
          facts: { size: file.size, archive: true },
          detail: { address }
        })
      return found
    })
    return answer(c, name, plan)
  })
}

function requireFits(plan: ArchivePlan): void {
  if (plan.files.length === 0) throw new Problem('forbidden', 'Nothing of this may be taken home.')
  if (plan.size > MAX_ARCHIVE_SIZE || plan.files.length + plan.left_out.length > MAX_ARCHIVE_COUNT)
    throw new Problem('too_large', 'This is too much for one ZIP: take it in parts.')
}

async function answer(c: Context, name: string, plan: ArchivePlan) {
  const { body, size } = await openArchive(plan, c.req.raw.signal)
  return new Response(Readable.toWeb(body) as ReadableStream, {
    headers: {
      'content-type': 'application/zip',
      'content-length': String(size),
      'content-disposition': attachment(name),
      'cache-control': 'no-store'
    }
  })
}
