/** How soon one is told by mail; and the way out of all mail that works without signing in (RFC 8058). */
import { createRoute, z } from '@hono/zod-openapi'
import { requireCaller } from '../../_shared/auth/session.ts'
import { personOfToken } from '../../_shared/auth/unsubscribe.ts'
import { config } from '../../_shared/config.ts'
import { Id } from '../../_shared/contract/common.ts'
import { NoticeSettings, NoticeSettingsChange } from '../../_shared/contract/notice.ts'
import type { Act } from '../../_shared/db/audit.ts'
import { seeProjects } from '../../_shared/db/database.ts'
import { projectsInReach } from '../../_shared/db/project.ts'
import { type Api, clientAddress, json, jsonBody, problems } from '../../_shared/http.ts'
import { addressKey } from '../../_shared/limits.ts'
import { notFound } from '../../_shared/problem.ts'
import { database, limits } from '../database.ts'
import { changeSettings, settingsOf, unsubscribe } from '../notices.ts'

const show = createRoute({
  method: 'get',
  path: '/notice-settings',
  summary: 'How soon one is told by mail',
  middleware: [requireCaller(database)] as const,
  responses: { 200: json(NoticeSettings), ...problems }
})
const change = createRoute({
  method: 'patch',
  path: '/notice-settings',
  summary: 'Change how soon one is told by mail',
  middleware: [requireCaller(database)] as const,
  request: jsonBody(NoticeSettingsChange),
  responses: { 200: json(NoticeSettings), ...problems }
})
const params = z.object({ token: z.string().max(500) })
const stop = createRoute({
  method: 'post',
  path: '/unsubscribe/{token}',
  summary:
    "Stop all mail about news; the token is in each such mail. A mail program's one-click form is taken",
  request: { params },
  responses: { 204: { description: 'No more mail' }, ...problems }
})
const look = createRoute({
  method: 'get',
  path: '/unsubscribe/{token}',
  summary: 'Leads to the page with the button; changes nothing',
  request: { params },
  responses: { 303: { description: 'To the page' }, ...problems }
})

export function noticeSettingRoutes(app: Api): void {
  app.openapi(show, async (c) => {
    const { id } = c.var.caller
    const settings = await database.transaction([], async (session) => {
      await seeProjects(session, await projectsInReach(session, id))
      return settingsOf(session, id)
    })
    return c.json(settings, 200)
  })

  app.openapi(change, async (c) => {
    const { id } = c.var.caller
    const wish = c.req.valid('json')
    const settings = await database.transaction([], async (session, acts) => {
      const reach = new Set(await projectsInReach(session, id))
      if (wish.projects.some((one) => !reach.has(one.project_id))) throw notFound()
      await seeProjects(session, [...reach])
      await changeSettings(session, id, wish)
      acts.push(changed(id))
      return settingsOf(session, id)
    })
    return c.json(settings, 200)
  })

  app.openapi(stop, async (c) => {
    await limits.spend([{ limit: 'link', key: addressKey(clientAddress(c)) }])
    const person = Id.safeParse(await personOfToken(c.req.valid('param').token))
    if (!person.success) throw notFound()
    await database.transaction([], async (session, acts) => {
      if (!(await unsubscribe(session, person.data))) throw notFound()
      acts.push(changed(person.data))
    })
    return c.body(null, 204)
  })

  // Some mail programs open the address instead of POSTing to it.
  app.openapi(look, (c) => c.redirect(`${config.origin}/unsubscribe/${c.req.valid('param').token}`, 303))
}

const changed = (id: string): Act => ({
  action: 'person.changed',
  actor_id: id,
  subject_id: id,
  facts: { field: 'notices' }
})
