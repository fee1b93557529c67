/** Guests of a project, for the firm's people who manage it. They come in by an invitation with `guest_until`. */
import { createRoute, z } from '@hono/zod-openapi'
import { requireProof } from '../../_shared/auth/proof.ts'
import { requireCaller, requireRole } from '../../_shared/auth/session.ts'
import { Id } from '../../_shared/contract/common.ts'
import { GuestChange, Guests } from '../../_shared/contract/guest.ts'
import { decide, requireLevel } from '../../_shared/db/access.ts'
import { run } from '../../_shared/db/database.ts'
import { type Api, json, jsonBody, problems } from '../../_shared/http.ts'
import { notFound } from '../../_shared/problem.ts'
import { database } from '../database.ts'
import { oneAtATime } from '../grants.ts'
import { changeGuest, guestDays, listGuests } from '../guests.ts'

const list = createRoute({
  method: 'get',
  path: '/projects/{id}/guests',
  summary: "A project's guests: until when, and who answers for them (staff who manage it)",
  middleware: [requireCaller(database)] as const,
  request: { params: z.object({ id: Id }) },
  responses: { 200: json(Guests), ...problems }
})
const change = createRoute({
  method: 'patch',
  path: '/projects/{id}/guests/{person_id}',
  summary: 'Move the end of a stay, take a guest over, or keep them for good (staff who manage the project)',
  middleware: [requireCaller(database), requireProof] as const,
  request: { params: z.object({ id: Id, person_id: Id }), ...jsonBody(GuestChange) },
  responses: { 200: json(Guests), ...problems }
})

export function guestRoutes(app: Api): void {
  app.openapi(list, async (c) => {
    const [{ caller }, { id }] = [c.var, c.req.valid('param')]
    requireRole(caller, 'administrator', 'staff', 'assistant')
    await requireLevel(database, caller, id, 'manage', 'node')
    const guests = await database.transaction([id], async (session) => ({
      items: await listGuests(session, caller.id, id),
      days_max: await guestDays(session)
    }))
    return c.json(guests, 200)
  })

  app.openapi(change, async (c) => {
    const [{ caller }, { id, person_id }] = [c.var, c.req.valid('param')]
    requireRole(caller, 'administrator', 'staff', 'assistant')
    await requireLevel(database, caller, id, 'manage', 'node')
    const guests = await database.transaction([id], async (session, acts) => {
      await oneAtATime(session, id)
      if ((await decide(session, caller, id, 'node'))?.level !== 'manage') throw notFound()
      await changeGuest(session, caller.id, id, person_id, c.req.valid('json'), acts)
      for (const topic of [`project:${id}`, `person:${person_id}`])
        await run(session, 'select announce($1)', [topic])
      return { items: await listGuests(session, caller.id, id), days_max: await guestDays(session) }
    })
    return c.json(guests, 200)
  })
}
