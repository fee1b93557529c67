/** The firm's log as a table to take along. Taking it is itself an act. */
import { createRoute } from '@hono/zod-openapi'
import { requireProof } from '../../_shared/auth/proof.ts'
import { requireRole } from '../../_shared/auth/session.ts'
import type { Activity } from '../../_shared/contract/activity.ts'
import { Id } from '../../_shared/contract/common.ts'
import { LogFilter } from '../../_shared/contract/log.ts'
import type { LogPart } from '../../_shared/db/activity.ts'
import { type Api, problems } from '../../_shared/http.ts'
import { BYTE_ORDER_MARK, type Separator, csvLine, separatorOf } from '../../_shared/rules/csv.ts'
import { database } from '../database.ts'
import { readLog } from '../read-log.ts'

const take = createRoute({
  method: 'get',
  path: '/activity.csv',
  middleware: [requireProof] as const,
  summary: "The firm's log as CSV, newest first (administrator, auditor); the export is logged",
  request: { query: LogFilter.extend({ project_id: Id.optional() }) },
  responses: {
    200: {
      content: { 'text/csv': { schema: { type: 'string' } } },
      description: 'UTF-8 with BOM, RFC 4180; ";" between cells for readers in German and Swedish'
    },
    ...problems
  }
})

/** Acts that are read at a time: the log is never held whole. */
const SLICE = 500
const HEAD = [
  'number',
  'time',
  'action',
  'person',
  'person_id',
  'project_id',
  'project',
  'document',
  'subject',
  'facts'
]

export function exportRoutes(app: Api): void {
  app.openapi(take, async (c) => {
    const caller = c.get('caller')
    requireRole(caller, 'administrator', 'auditor')
    const { project_id = null, ...filter } = c.req.valid('query')
    await database.transaction([], async (_session, acts) => {
      acts.push({ action: 'log.exported', actor_id: caller.id, facts: { project_id, ...filter } })
    })
    const part = { project_id, document_id: null, filter }
    const body = table(caller.id, part, separatorOf(caller.locale))
    return c.body(body.pipeThrough(new TextEncoderStream()), 200, {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="portico-log.csv"'
    })
  })
}

/** A failure on the way breaks the connection, so that half a log never passes for a whole one. */
function table(reader_id: string, part: LogPart, separator: Separator): ReadableStream<string> {
  let before: number | null = Number.MAX_SAFE_INTEGER
  let head = BYTE_ORDER_MARK + csvLine(HEAD, separator)
  return new ReadableStream<string>(
    {
      async pull(controller) {
        if (before === null) return controller.close()
        const page = await readLog({ id: reader_id, whole_log: true }, part, before, SLICE)
        controller.enqueue(head + page.items.map((act) => csvLine(cells(act), separator)).join(''))
        head = ''
        before = page.next
      }
    },
    { highWaterMark: 1 }
  )
}

const cells = (act: Activity): (string | number | null)[] => [
  act.seq,
  act.at,
  act.action,
  act.actor?.name ?? null,
  act.actor?.id ?? null,
  act.project_id,
  act.project?.name ?? null,
  act.document?.name ?? null,
  act.subject?.name ?? null,
  JSON.stringify(act.facts)
]
