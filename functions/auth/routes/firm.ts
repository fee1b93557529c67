/** What stands on the door: the firm's name. Whoever was sent here knows it already. */
import { createRoute } from '@hono/zod-openapi'
import { DoorPlate, LegalPages } from '../../_shared/contract/person.ts'
import { blocks, row } from '../../_shared/db/database.ts'
import { type Api, json, problems } from '../../_shared/http.ts'
import { notFound } from '../../_shared/problem.ts'
import { database } from '../database.ts'

const sql = blocks<'door_plate' | 'legal'>(new URL('../firm.sql', import.meta.url))

const plate = createRoute({
  method: 'get',
  path: '/firm',
  summary: "The firm's name, for everybody; null before it is set up",
  responses: { 200: json(DoorPlate), ...problems }
})

const legal = createRoute({
  method: 'get',
  path: '/firm/legal',
  summary: 'Imprint and privacy notice, for everybody',
  responses: { 200: json(LegalPages), ...problems }
})

export function firmRoutes(app: Api): void {
  app.openapi(plate, async (c) => {
    const firm = await row(database.pool, sql('door_plate'), [], DoorPlate)
    return c.json(firm ?? { name: null, imprint: false, privacy: false, provider: null }, 200)
  })

  app.openapi(legal, async (c) => {
    const pages = await row(database.pool, sql('legal'), [], LegalPages)
    if (!pages) throw notFound()
    return c.json(pages, 200)
  })
}
