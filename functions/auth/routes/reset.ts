/**
 * A forgotten password. Asking says nothing about who has an account: same words, same status, same time. The link sets a
 * new password and nothing else: the second factor stays, and is asked for at the next sign-in.
 */
import { createRoute, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { setTimeout as wait } from 'node:timers/promises'
import { emailKey } from '../../_shared/auth/email.ts'
import { requireStrongPassword } from '../../_shared/auth/password.ts'
import { Id } from '../../_shared/contract/common.ts'
import { AskReset, OpenLink, ResetPassword, ResetShown } from '../../_shared/contract/person.ts'
import { blocks, row, run } from '../../_shared/db/database.ts'
import { type Api, clientAddress, json, jsonBody, problems } from '../../_shared/http.ts'
import { addressKey } from '../../_shared/limits.ts'
import { notFound } from '../../_shared/problem.ts'
import { database, limits } from '../database.ts'
import { deviceOf, isKnownDevice } from '../device.ts'
import { createOwnLink, linkUsed, openLink, useLink } from '../link.ts'
import { mailPasswordChanged, mailReset } from '../mail.ts'
import { endOtherSessions, keptPassword, passwordAccount, setPassword } from '../password.ts'
import { clientOf } from '../session.ts'

const sql = blocks<'account'>(new URL('../reset.sql', import.meta.url))

/** Minutes that such a link waits. */
const LASTS = 30
/** Milliseconds that an answer takes at least: several times what writing a link needs. */
const EVEN = 300

const params = z.object({ id: Id })

const ask = createRoute({
  method: 'post',
  path: '/reset',
  summary: 'Have a link mailed that sets a new password; the answer is the same for every address',
  request: jsonBody(AskReset),
  responses: { 202: { description: 'If there is such an account, a mail is on its way' }, ...problems }
})
const open = createRoute({
  method: 'post',
  path: '/resets/{id}/open',
  summary: 'See which account the link is of; changes nothing',
  request: { params, ...jsonBody(OpenLink) },
  responses: { 200: json(ResetShown), ...problems }
})
const choose = createRoute({
  method: 'post',
  path: '/resets/{id}',
  summary: 'Set a new password, once; all sessions end',
  request: { params, ...jsonBody(ResetPassword) },
  responses: { 204: { description: 'Set' }, ...problems }
})

export function resetRoutes(app: Api): void {
  app.openapi(ask, async (c) => {
    const even = wait(EVEN)
    const key = emailKey(c.req.valid('json').email)
    const device = deviceOf(c)
    const account = await row(database.pool, sql('account'), [key], Account)
    const own = await isKnownDevice(database.pool, device, account?.id ?? null)
    await limits.spend([
      { limit: 'reset_address', key: addressKey(clientAddress(c)) },
      own
        ? { limit: 'reset_device', key: `${key} ${device?.toString('hex') ?? ''}` }
        : { limit: 'reset_account', key },
      { limit: 'reset_all', key: '' }
    ])
    await Promise.all([mailTo(c, key), even])
    return c.body(null, 202)
  })

  app.openapi(open, async (c) => {
    await limits.spend([{ limit: 'link', key: addressKey(clientAddress(c)) }])
    const { id } = c.req.valid('param')
    const { firm, email, expires_at } = await openLink(database.pool, {
      purpose: 'reset',
      id,
      secret: c.req.valid('json').secret
    })
    if (firm === null || email === null) throw notFound()
    return c.json({ firm, email, expires_at }, 200)
  })

  app.openapi(choose, async (c) => {
    await limits.spend([{ limit: 'link', key: addressKey(clientAddress(c)) }])
    const { secret, password } = c.req.valid('json')
    const key = { purpose: 'reset', id: c.req.valid('param').id, secret } as const
    const { person_id } = await openLink(database.pool, key)
    const account = person_id && (await passwordAccount(database.pool, person_id))
    if (!account) throw notFound()
    await requireStrongPassword(password, [account.name, account.email, account.firm], account)
    const kept = await keptPassword(password)

    await database.transaction([], async (session, acts) => {
      await useLink(session, key)
      if (!(await setPassword(session, person_id, kept, account.password_hash))) throw linkUsed()
      const ended = await endOtherSessions(session, acts, person_id)
      acts.push({
        action: 'password.reset',
        actor_id: person_id,
        subject_id: person_id,
        facts: { link_id: key.id, ended },
        detail: clientOf(c)
      })
      await mailPasswordChanged(session, person_id)
      await run(session, 'select announce($1)', [`person:${person_id}`])
    })
    return c.body(null, 204)
  })
}

const Account = z.object({ id: Id })

/** The mail, where there is such an account. Whoever asks waits as long when there is none. */
async function mailTo(c: Context, key: string): Promise<void> {
  await database.transaction([], async (session, acts) => {
    const account = await row(session, sql('account'), [key], Account)
    if (!account) return
    const link = await createOwnLink(session, 'reset', account.id, LASTS)
    await mailReset(session, account.id, link)
    acts.push({
      action: 'password.reset_asked',
      actor_id: null,
      subject_id: account.id,
      facts: { link_id: link.id },
      detail: clientOf(c)
    })
  })
}
