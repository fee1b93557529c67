/** People and clients from a table (administrators): first what would become of each line, then the same done. */
import { createRoute, z } from '@hono/zod-openapi'
import { requireProof } from '../../_shared/auth/proof.ts'
import { type Caller, requireCaller, requireRole } from '../../_shared/auth/session.ts'
import {
  type ImportColumn,
  type ImportField,
  ImportQuery,
  ImportResult
} from '../../_shared/contract/import.ts'
import { run } from '../../_shared/db/database.ts'
import { type Api, json, problems } from '../../_shared/http.ts'
import { areEnough, areHeadings, guessFields } from '../../_shared/rules/import-columns.ts'
import { type ImportWish, type Unreadable, readLine } from '../../_shared/rules/import-line.ts'
import { type ImportPlan } from '../../_shared/rules/import-plan.ts'
import { database, limits } from '../database.ts'
import { previewImport, runImport } from '../imports.ts'
import { type Table, readTable } from '../table.ts'

const request = {
  query: ImportQuery,
  body: {
    content: { 'text/csv': { schema: z.string() } },
    description: 'The file as it is, in UTF-8, UTF-16 or Windows-1252',
    required: true as const
  }
}

const preview = createRoute({
  method: 'post',
  path: '/imports/preview',
  summary: 'What would become of each line of a table of people and clients (administrators)',
  middleware: [requireCaller(database)] as const,
  request,
  responses: { 200: json(ImportResult), ...problems }
})
const carryOut = createRoute({
  method: 'post',
  path: '/imports',
  summary: 'Import people and clients from a table; once more changes nothing (administrators)',
  middleware: [requireCaller(database), requireProof] as const,
  request,
  responses: { 200: json(ImportResult), ...problems }
})

export function importRoutes(app: Api): void {
  app.openapi(preview, async (c) => {
    const caller = c.var.caller
    requireRole(caller, 'administrator')
    const read = await readLines(await c.req.arrayBuffer(), c.req.valid('query'))
    const plan = await previewImport(
      database.pool,
      caller.id,
      read.lines,
      optionsOf(caller, c.req.valid('query'))
    )
    return c.json(resultOf(read, plan), 200)
  })

  app.openapi(carryOut, async (c) => {
    const caller = c.var.caller
    requireRole(caller, 'administrator')
    await limits.spend([{ limit: 'import', key: caller.id }])
    const read = await readLines(await c.req.arrayBuffer(), c.req.valid('query'))
    const plan = await database.transaction([], async (session, acts) => {
      const done = await runImport(
        session,
        caller.id,
        read.lines,
        optionsOf(caller, c.req.valid('query')),
        acts
      )
      if (acts.length > 0) await run(session, 'select announce($1)', [`person:${caller.id}`])
      return done
    })
    return c.json(resultOf(read, plan), 200)
  })
}

type Query = z.infer<typeof ImportQuery>
type Read = {
  table: Table
  head: boolean
  columns: ImportColumn[]
  /** Empty while no column says whom or what they are about. */
  lines: (ImportWish | Unreadable)[]
}

const optionsOf = (caller: Caller, { invite = false, language = caller.locale }: Query) => ({
  invite,
  language
})

const SAMPLES = 3

async function readLines(bytes: ArrayBuffer, query: Query): Promise<Read> {
  const table = await readTable(new Uint8Array(bytes))
  const first = table.rows[0]?.cells ?? []
  const head = query.head ?? areHeadings(first)
  const rows = head ? table.rows.slice(1) : table.rows
  const width = head ? first.length : Math.max(...rows.slice(0, 100).map(({ cells }) => cells.length))
  const heads = Array.from({ length: width }, (_, column) => (head ? (first[column] ?? '').trim() : ''))
  const samples = heads.map((_, column) =>
    rows
      .map(({ cells }) => (cells[column] ?? '').trim())
      .filter((cell) => cell !== '')
      .slice(0, SAMPLES)
  )
  const fields = query.columns ? chosen(query.columns, width) : guessFields(heads, samples)
  const columns = heads.map((heading, column) => ({
    ...{ heading: heading.slice(0, 100), field: fields[column] ?? null },
    samples: (samples[column] ?? []).map((sample) => sample.slice(0, 60))
  }))
  const lines = areEnough(fields) ? rows.map(({ line, cells }) => readLine(line, cells, fields)) : []
  return { table, head, columns, lines }
}

function chosen(columns: [ImportField, number][], width: number): (ImportField | null)[] {
  const fields = Array<ImportField | null>(width).fill(null)
  for (const [field, column] of columns) if (column < width) fields[column] = field
  return fields
}

function resultOf({ table, head, columns }: Read, plan: ImportPlan): ImportResult {
  const { encoding, separator } = table
  const ready = areEnough(columns.map((one) => one.field))
  return { encoding, separator, head, columns, ready, lines: plan.lines, sums: plan.sums }
}
