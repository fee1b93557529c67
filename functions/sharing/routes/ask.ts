/** What whoever holds a link's secret may do without opening it: see whom it comes from, and ask for a renewal. */
import { createRoute, z } from '@hono/zod-openapi'
import { Id } from '../../_shared/contract/common.ts'
import { LinkAsk, LinkShown } from '../../_shared/contract/link.ts'
import { run } from '../../_shared/db/database.ts'
import { type Api, clientAddress, json, jsonBody, problems } from '../../_shared/http.ts'
import { addressKey } from '../../_shared/limits.ts'
import { Problem } from '../../_shared/problem.ts'
import { stateOfLink } from '../../_shared/rules/link.ts'
import { database } from '../database.ts'
import { askRenewal, countLook, linkById, mailAbout } from '../links.ts'
import { requireSecret } from '../secret.ts'
import { aboutLink } from '../visits.ts'

const request = { params: z.object({ id: Id }), ...jsonBody(LinkAsk) }

const look = createRoute({
  method: 'post',
  path: '/links/{id}/look',
  summary: 'What a link shares, for whoever holds its secret; opens nothing',
  request,
  responses: { 200: json(LinkShown), ...problems }
})
const ask = createRoute({
  method: 'post',
  path: '/links/{id}/renewal-requests',
  summary: 'Ask the maker of a link that has ended to renew it; again within the hour: nothing happens',
  request,
  responses: { 204: { description: 'The maker is told' }, ...problems }
})

export function askRoutes(app: Api): void {
  app.openapi(look, async (c) => {
    const { id } = c.req.valid('param')
    const found = await requireSecret(id, c.req.valid('json').secret, addressKey(clientAddress(c)))
    const { locale: _, ...about } = await aboutLink(id)
    const link = await database.transaction([found.project_id], async (session) => {
      const shown = await linkById(session, id, id)
      await countLook(session, id)
      return shown
    })
    const open = link.state === 'open'
    const { state, recipient, level, has_password, valid_until } = link
    const things = open
      ? link.things.flatMap(({ kind, name }) => (name === null ? [] : [{ kind, name }]))
      : []
    const note = open ? link.note : null
    return c.json({ ...about, state, recipient, level, has_password, valid_until, things, note }, 200)
  })

  app.openapi(ask, async (c) => {
    const { id } = c.req.valid('param')
    const link = await requireSecret(id, c.req.valid('json').secret, addressKey(clientAddress(c)))
    if (stateOfLink(link, new Date()) === 'open') throw new Problem('conflict', 'This link still works.')
    const { project_id } = link
    await database.transaction([project_id], async (session, acts) => {
      const maker = await askRenewal(session, id)
      if (!maker) return
      const data = { template: 'renewal' as const, person_id: maker, link_id: id, project_id }
      await mailAbout(session, data, project_id, `renewal:${id}:${Date.now()}`)
      acts.push({ action: 'link.renewal_asked', actor_id: id, project_id, subject_id: id })
      await run(session, 'select announce($1)', [`project:${project_id}`])
    })
    return c.body(null, 204)
  })
}
