/** The door for people who were invited: the link's secret, then a password of their own, then the second factor. */
import { createRoute, z } from '@hono/zod-openapi'
import { requireStrongPassword } from '../../_shared/auth/password.ts'
import { Id } from '../../_shared/contract/common.ts'
import { AcceptInvitation, InvitationShown, OpenLink, SignedIn } from '../../_shared/contract/person.ts'
import { run } from '../../_shared/db/database.ts'
import { type Api, clientAddress, json, jsonBody, problems } from '../../_shared/http.ts'
import { addressKey } from '../../_shared/limits.ts'
import { Problem, notFound } from '../../_shared/problem.ts'
import { database, limits } from '../database.ts'
import { linkUsed, openLink, useLink, useUpOtherLinks } from '../link.ts'
import { keptPassword } from '../password.ts'
import { join } from '../person.ts'
import { clientOf, startWithPassword } from '../session.ts'

const params = z.object({ id: Id })

const open = createRoute({
  method: 'post',
  path: '/invitations/{id}/open',
  summary: 'See whom an invitation is for; changes nothing',
  request: { params, ...jsonBody(OpenLink) },
  responses: { 200: json(InvitationShown), ...problems }
})
const accept = createRoute({
  method: 'post',
  path: '/invitations/{id}/accept',
  summary: 'Accept an invitation, once',
  request: { params, ...jsonBody(AcceptInvitation) },
  responses: { 200: json(SignedIn), ...problems }
})

export function invitationRoutes(app: Api): void {
  app.openapi(open, async (c) => {
    await limits.spend([{ limit: 'link', key: addressKey(clientAddress(c)) }])
    const { id } = c.req.valid('param')
    const link = await openLink(database.pool, {
      purpose: 'invitation',
      id,
      secret: c.req.valid('json').secret
    })
    const { firm, invited_by, name, email, expires_at } = link
    if (firm === null || name === null || email === null) throw notFound()
    return c.json({ firm, invited_by, name, email, expires_at }, 200)
  })

  app.openapi(accept, async (c) => {
    await limits.spend([{ limit: 'link', key: addressKey(clientAddress(c)) }])
    const { secret, name, password, locale } = c.req.valid('json')
    const key = { purpose: 'invitation', id: c.req.valid('param').id, secret } as const
    const link = await openLink(database.pool, key)
    const personId = link.person_id
    if (!personId) throw notFound()
    if (!link.password_opens) throw new Problem('provider_only', 'Staff sign in by the provider.')
    // With a shorter password than may stand alone they set up a second factor before they get in.
    const about = [name, link.email ?? '', link.firm ?? '']
    await requireStrongPassword(password, about, { second_factor: true })
    const kept = await keptPassword(password)

    const { next, setCookie } = await database.transaction([], async (session, acts) => {
      await useLink(session, key)
      // An invitation never sets the password of somebody who has joined, by whatever door.
      if (!(await join(session, { id: personId, password: kept, name, locale }))) throw linkUsed()
      await useUpOtherLinks(session, personId)
      acts.push({
        action: 'person.joined',
        actor_id: personId,
        subject_id: personId,
        facts: { link_id: key.id },
        detail: clientOf(c)
      })
      const begun = await startWithPassword(session, acts, c, personId)
      await run(session, 'select announce($1)', [`person:${personId}`])
      return begun
    })
    setCookie()
    return c.json({ next }, 200)
  })
}
