/** The firm's people and clients as tables to take along (administrators). Taking them is itself an act. */
import { createRoute } from '@hono/zod-openapi'
import { requireProof } from '../../_shared/auth/proof.ts'
import { requireCaller, requireRole } from '../../_shared/auth/session.ts'
import { type Api, problems } from '../../_shared/http.ts'
import { database } from '../database.ts'
import { type Exported, exportOrganisations, exportPeople } from '../exports.ts'

const csv = {
  content: { 'text/csv': { schema: { type: 'string' as const } } },
  description: 'UTF-8 with BOM, RFC 4180; ";" between cells for readers in German and Swedish'
}

const people = createRoute({
  method: 'get',
  path: '/people.csv',
  middleware: [requireCaller(database), requireProof] as const,
  summary: 'The people that one may know of as CSV, a line for each client (administrators); it is logged',
  responses: { 200: csv, ...problems }
})
const organisations = createRoute({
  method: 'get',
  path: '/organisations.csv',
  middleware: [requireCaller(database), requireProof] as const,
  summary: 'The clients that one may know of as CSV (administrators); it is logged',
  responses: { 200: csv, ...problems }
})

export function exportRoutes(app: Api): void {
  app.openapi(people, async (c) => {
    const caller = c.var.caller
    requireRole(caller, 'administrator')
    return give(
      'portico-people.csv',
      await logged(caller.id, 'people', () => exportPeople(database.pool, caller))
    )
  })

  app.openapi(organisations, async (c) => {
    const caller = c.var.caller
    requireRole(caller, 'administrator')
    const wanted = () => exportOrganisations(database.pool, caller)
    return give('portico-clients.csv', await logged(caller.id, 'organisations', wanted))
  })
}

async function logged(actor_id: string, what: string, work: () => Promise<Exported>): Promise<string> {
  const { text, lines } = await work()
  await database.transaction([], async (_session, acts) => {
    acts.push({ action: 'people.exported', actor_id, facts: { what, lines } })
  })
  return text
}

const give = (filename: string, text: string): Response =>
  new Response(text, {
    headers: {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': `attachment; filename="${filename}"`
    }
  })
