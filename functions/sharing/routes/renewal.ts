/** A link goes on, and a link goes out by mail: both by whoever may manage it. */
import { createRoute, z } from '@hono/zod-openapi'
import { emailKey } from '../../_shared/auth/email.ts'
import { linkUrl } from '../../_shared/auth/link.ts'
import { seal } from '../../_shared/auth/sealed.ts'
import { requireProof } from '../../_shared/auth/proof.ts'
import { requireCaller } from '../../_shared/auth/session.ts'
import { Id } from '../../_shared/contract/common.ts'
import { Link, LinkMailing, LinkRenewal } from '../../_shared/contract/link.ts'
import { run } from '../../_shared/db/database.ts'
import { type Api, clientAddress, json, jsonBody, problems } from '../../_shared/http.ts'
import { idempotent, remember } from '../../_shared/idempotency.ts'
import { addressKey } from '../../_shared/limits.ts'
import { Problem } from '../../_shared/problem.ts'
import { endOfLink } from '../../_shared/rules/link.ts'
import { database, limits } from '../database.ts'
import { linkById, longestDays, mailAbout, renewLink } from '../links.ts'
import { requireOwn } from '../own.ts'
import { requireSecret } from '../secret.ts'
import { requireOpen } from '../visits.ts'

const params = z.object({ id: Id })

const renew = createRoute({
  method: 'post',
  path: '/links/{id}/renew',
  summary: 'Set a new end; a link that was revoked or used up opens again, at the same address',
  middleware: [requireCaller(database), requireProof, idempotent(database)] as const,
  request: { params, ...jsonBody(LinkRenewal) },
  responses: { 200: json(Link), ...problems }
})
const mail = createRoute({
  method: 'post',
  path: '/links/{id}/mail',
  summary: 'Send an open link by mail; its secret comes from whoever made it',
  middleware: [requireCaller(database, 'sharing'), idempotent(database)] as const,
  request: { params, ...jsonBody(LinkMailing) },
  responses: { 202: json(z.object({ sent: z.boolean() })), ...problems }
})

export function renewalRoutes(app: Api): void {
  app.openapi(renew, async (c) => {
    const caller = c.get('caller')
    const { id } = c.req.valid('param')
    const wish = c.req.valid('json')
    const { project_id } = await requireOwn(caller, id, 'open')
    const ends = endOfLink(wish.valid_until, await longestDays(database.pool), new Date())
    if (!ends) {
      const detail = 'The end lies in the past or beyond what the firm allows.'
      throw new Problem('invalid_request', detail, {
        errors: [{ field: 'valid_until', code: 'invalid', detail }]
      })
    }
    const link = await database.transaction([project_id], async (session, acts) => {
      const max_opens = await renewLink(session, id, ends, wish.more_opens)
      acts.push({
        action: 'link.renewed',
        actor_id: caller.id,
        project_id,
        subject_id: id,
        facts: { valid_until: ends.toISOString(), max_opens }
      })
      await run(session, 'select announce($1)', [`project:${project_id}`])
      const renewed = await linkById(session, id, caller.id)
      await remember(c, session, 200, renewed)
      return renewed
    })
    return c.json(link, 200)
  })

  app.openapi(mail, async (c) => {
    const caller = c.get('caller')
    const { id } = c.req.valid('param')
    const { secret, to, locale } = c.req.valid('json')
    const { project_id } = await requireOwn(caller, id, 'open')
    requireOpen(await requireSecret(id, secret, addressKey(clientAddress(c))))
    await limits.spend([
      { limit: 'invite', key: caller.id },
      { limit: 'invite_recipient', key: emailKey(to) }
    ])
    const sealed = await seal(JSON.stringify({ to, url: linkUrl('l', id, secret) }))
    await database.transaction([project_id], async (session, acts) => {
      const data = { template: 'link' as const, link_id: id, project_id, locale, sealed }
      await mailAbout(session, data, caller.id, `link:${crypto.randomUUID()}`)
      acts.push({
        action: 'link.mailed',
        actor_id: caller.id,
        project_id,
        subject_id: id,
        detail: { email: to }
      })
      await remember(c, session, 202, { sent: true })
    })
    return c.json({ sent: true }, 202)
  })
}
