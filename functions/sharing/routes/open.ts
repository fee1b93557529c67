/** Opening a link: by a press only, never by a GET, so that a mail scanner opens nothing. */
import { createRoute, z } from '@hono/zod-openapi'
import { passwordMatches } from '../../_shared/auth/password.ts'
import { Id } from '../../_shared/contract/common.ts'
import { LinkOpening } from '../../_shared/contract/link.ts'
import { run } from '../../_shared/db/database.ts'
import { type Api, clientAddress, jsonBody, problems } from '../../_shared/http.ts'
import { addressKey } from '../../_shared/limits.ts'
import { Problem } from '../../_shared/problem.ts'
import { database, limits } from '../database.ts'
import { requireSecret } from '../secret.ts'
import { clearOldVisits, requireOpen, startVisit } from '../visits.ts'

const open = createRoute({
  method: 'post',
  path: '/links/{id}/open',
  summary: 'Open a link with its secret; sets the cookie of a visit',
  request: { params: z.object({ id: Id }), ...jsonBody(LinkOpening) },
  responses: { 204: { description: 'The visit began' }, ...problems }
})

export function openRoutes(app: Api): void {
  app.openapi(open, async (c) => {
    const { id } = c.req.valid('param')
    const { secret, password, name } = c.req.valid('json')
    const address = addressKey(clientAddress(c))
    const link = await requireSecret(id, secret, address)
    requireOpen(link)
    if (link.password_hash !== null) await requirePassword(link.id, link.password_hash, password, address)

    const device = c.req.header('user-agent')?.slice(0, 300) ?? ''
    const visit = await database.transaction([link.project_id], async (session, acts) => {
      const started = await startVisit(session, id, { name, device })
      acts.push({
        action: 'link.opened',
        actor_id: id,
        project_id: link.project_id,
        subject_id: id,
        facts: { visit_id: started.id },
        detail: { address: clientAddress(c), device, name }
      })
      await run(session, 'select announce($1)', [`project:${link.project_id}`])
      return started
    })
    await clearOldVisits(c, id)
    visit.setOn(c)
    return c.body(null, 204)
  })
}

/** Only whoever has the secret gets here, and so learns that there is a password. Asking for it is no guess. */
async function requirePassword(
  id: string,
  hash: string,
  password: string | null,
  address: string
): Promise<void> {
  const refused = () => new Problem('link_password', 'This link needs its password.')
  if (password === null || password === '') throw refused()
  const tries = [
    { limit: 'link_password', key: `${id} ${address}` },
    { limit: 'link_passwords', key: id }
  ] as const
  await limits.spend([...tries])
  if (!(await passwordMatches(hash, password))) throw refused()
  await limits.giveBack([...tries])
}
