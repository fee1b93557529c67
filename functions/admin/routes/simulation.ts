/** "What can this person see on Friday at 18:00, and why?" */
import { createRoute, z } from '@hono/zod-openapi'
import { requireCaller } from '../../_shared/auth/session.ts'
import { Simulation, SimulationQuery } from '../../_shared/contract/access.ts'
import { Id } from '../../_shared/contract/common.ts'
import { requireManaged } from '../../_shared/db/access.ts'
import { type Api, json, problems } from '../../_shared/http.ts'
import { database } from '../database.ts'
import { simulate } from '../simulation.ts'

const read = createRoute({
  method: 'get',
  path: '/things/{id}/simulation',
  summary:
    'What a person or link may do with a thing at a moment, through which chain, and when that changes (manage)',
  middleware: [requireCaller(database)] as const,
  request: { params: z.object({ id: Id }), query: SimulationQuery },
  responses: { 200: json(Simulation), ...problems }
})

export function simulationRoutes(app: Api): void {
  app.openapi(read, async (c) => {
    const caller = c.var.caller
    const { id } = c.req.valid('param')
    const { who, at = new Date().toISOString() } = c.req.valid('query')
    const { project_id } = await requireManaged(database, caller, id)
    const found = await database.transaction(project_id ? [project_id] : [], (session) =>
      simulate(session, { caller: caller.id, who, thing: id, project: project_id, at })
    )
    return c.json(found, 200)
  })
}
