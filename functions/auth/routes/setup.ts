/** The very first door: the link that the start prints makes the firm and its first administrator, once. */
import { createRoute, z } from '@hono/zod-openapi'
import { emailKey } from '../../_shared/auth/email.ts'
import { requireStrongPassword } from '../../_shared/auth/password.ts'
import { Id } from '../../_shared/contract/common.ts'
import { OpenLink, SetUpFirm, SignedIn } from '../../_shared/contract/person.ts'
import { type Api, clientAddress, json, jsonBody, problems } from '../../_shared/http.ts'
import { addressKey } from '../../_shared/limits.ts'
import { requireTimeZone } from '../../_shared/time-zone.ts'
import { database, limits } from '../database.ts'
import { createFirm, openLink, useLink } from '../link.ts'
import { keptPassword } from '../password.ts'
import { createAdministrator } from '../person.ts'
import { clientOf, startWithPassword } from '../session.ts'

const params = z.object({ id: Id })

const open = createRoute({
  method: 'post',
  path: '/setup/{id}/open',
  summary: 'Whether the set-up link is still good; changes nothing',
  request: { params, ...jsonBody(OpenLink) },
  responses: { 204: { description: 'It is' }, ...problems }
})
const setUp = createRoute({
  method: 'post',
  path: '/setup/{id}',
  summary: 'Make the firm and its first administrator, once',
  request: { params, ...jsonBody(SetUpFirm) },
  responses: { 200: json(SignedIn), ...problems }
})

export function setupRoutes(app: Api): void {
  app.openapi(open, async (c) => {
    await limits.spend([{ limit: 'link', key: addressKey(clientAddress(c)) }])
    const { id } = c.req.valid('param')
    await openLink(database.pool, { purpose: 'setup', id, secret: c.req.valid('json').secret })
    return c.body(null, 204)
  })

  app.openapi(setUp, async (c) => {
    await limits.spend([{ limit: 'link', key: addressKey(clientAddress(c)) }])
    const wish = c.req.valid('json')
    const key = { purpose: 'setup', id: c.req.valid('param').id, secret: wish.secret } as const
    await openLink(database.pool, key)
    const time_zone = wish.time_zone ?? null
    if (time_zone !== null) requireTimeZone(time_zone)
    const about = [wish.name, wish.email, wish.firm_name]
    await requireStrongPassword(wish.password, about, { second_factor: true })
    const password = await keptPassword(wish.password)

    const { next, setCookie } = await database.transaction([], async (session, acts) => {
      await useLink(session, key)
      const node_id = await createFirm(session, { name: wish.firm_name, locale: wish.locale, time_zone })
      const { name, email, locale } = wish
      const id = await createAdministrator(session, {
        name,
        email,
        email_key: emailKey(email),
        locale,
        password
      })
      acts.push(
        { action: 'firm.set_up', actor_id: id, subject_id: node_id, detail: clientOf(c) },
        { action: 'person.joined', actor_id: id, subject_id: id, facts: { link_id: key.id } }
      )
      return startWithPassword(session, acts, c, id)
    })
    setCookie()
    return c.json({ next }, 200)
  })
}
