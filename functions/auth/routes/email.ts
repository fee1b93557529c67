/**
 * Another address: confirmed by a link that went to it, in the very session that asked. The old address is told, and whoever
 * reads there can take it back for three days, without signing in: perhaps they no longer can.
 */
import { createRoute, z } from '@hono/zod-openapi'
import { emailKey } from '../../_shared/auth/email.ts'
import { requireProof } from '../../_shared/auth/proof.ts'
import { requireCaller } from '../../_shared/auth/session.ts'
import { Id } from '../../_shared/contract/common.ts'
import { NewEmail, OpenLink } from '../../_shared/contract/person.ts'
import { run } from '../../_shared/db/database.ts'
import { type Api, clientAddress, json, jsonBody, problems } from '../../_shared/http.ts'
import { addressKey } from '../../_shared/limits.ts'
import { Problem, notFound } from '../../_shared/problem.ts'
import { database, limits } from '../database.ts'
import { presentEmail, setEmail } from '../email.ts'
import { createOwnLink, openLink, useLink, useUpOtherLinks } from '../link.ts'
import { mailAddress } from '../mail.ts'
import { endOtherSessions } from '../password.ts'
import { clientOf } from '../session.ts'

/** Minutes. */
const CONFIRM = 60
const UNDO = 72 * 60

const params = z.object({ id: Id })

const ask = createRoute({
  method: 'post',
  path: '/email',
  summary: 'Have a link mailed to a new address; until it is confirmed nothing changes',
  middleware: [requireCaller(database), requireProof] as const,
  request: jsonBody(NewEmail),
  responses: { 202: { description: 'A mail is on its way' }, ...problems }
})
const confirm = createRoute({
  method: 'post',
  path: '/emails/{id}',
  summary: 'Take the new address, once, in the session that asked for it; the old one is told',
  middleware: [requireCaller(database)] as const,
  request: { params, ...jsonBody(OpenLink) },
  responses: { 200: json(NewEmail), ...problems }
})
const undo = createRoute({
  method: 'post',
  path: '/emails/{id}/undo',
  summary: 'Take the old address back within 72 hours; all sessions end',
  request: { params, ...jsonBody(OpenLink) },
  responses: { 204: { description: 'Taken back' }, ...problems }
})

export function emailRoutes(app: Api): void {
  app.openapi(ask, async (c) => {
    const { id, session_id } = c.var.caller
    const { email } = c.req.valid('json')
    await limits.spend([
      { limit: 'email_change', key: id },
      { limit: 'invite_recipient', key: emailKey(email) }
    ])
    await database.transaction([], async (session, acts) => {
      // Whether somebody has the address already is told only to who reads the mail that comes there.
      const link = await createOwnLink(session, 'email', id, CONFIRM, { email, session_id })
      await mailAddress(session, 'email', id, email, link)
      acts.push({
        action: 'email.change_asked',
        actor_id: id,
        subject_id: id,
        facts: { link_id: link.id },
        detail: clientOf(c)
      })
    })
    return c.body(null, 202)
  })

  app.openapi(confirm, async (c) => {
    const caller = c.var.caller
    const key = { purpose: 'email', id: c.req.valid('param').id, secret: c.req.valid('json').secret } as const
    await limits.spend([{ limit: 'link', key: addressKey(clientAddress(c)) }])
    const link = await openLink(database.pool, key)
    const email = link.to
    if (link.person_id !== caller.id || email === null) throw notFound()
    if (link.session_id !== caller.session_id)
      throw new Problem('other_session', 'Open this link where the change was begun.')
    await database.transaction([], async (session, acts) => {
      await useLink(session, key)
      const before = await presentEmail(session, caller.id)
      await setEmail(session, caller.id, before, email)
      const back = await createOwnLink(session, 'email-undo', caller.id, UNDO, {
        email: before,
        session_id: null
      })
      await mailAddress(session, 'email_changed', caller.id, before, back)
      acts.push({
        action: 'email.changed',
        actor_id: caller.id,
        subject_id: caller.id,
        facts: { link_id: key.id },
        detail: { ...clientOf(c), before, email }
      })
      await run(session, 'select announce($1)', [`person:${caller.id}`])
    })
    return c.json({ email }, 200)
  })

  app.openapi(undo, async (c) => {
    const { secret } = c.req.valid('json')
    const key = { purpose: 'email-undo', id: c.req.valid('param').id, secret } as const
    await limits.spend([{ limit: 'link', key: addressKey(clientAddress(c)) }])
    const { person_id, to } = await openLink(database.pool, key)
    if (!person_id || to === null) throw notFound()
    await database.transaction([], async (session, acts) => {
      await useLink(session, key)
      await setEmail(session, person_id, await presentEmail(session, person_id), to)
      // Whoever changed it holds links to the other address, perhaps, and sessions.
      await useUpOtherLinks(session, person_id)
      await endOtherSessions(session, acts, person_id)
      acts.push({
        action: 'email.change_undone',
        actor_id: person_id,
        subject_id: person_id,
        facts: { link_id: key.id },
        detail: clientOf(c)
      })
      await run(session, 'select announce($1)', [`person:${person_id}`])
    })
    return c.body(null, 204)
  })
}
