/** One's own passkeys: added, named, removed. */
import { createRoute, z } from '@hono/zod-openapi'
import { requireProof } from '../../_shared/auth/proof.ts'
import { requireCaller } from '../../_shared/auth/session.ts'
import { askForNew, checkNew, passkeysPossible } from '../../_shared/auth/webauthn.ts'
import { Id } from '../../_shared/contract/common.ts'
import { NewPasskey, Passkey, PasskeyChange, PasskeyOptions } from '../../_shared/contract/factor.ts'
import { run } from '../../_shared/db/database.ts'
import { type Api, json, jsonBody, problems } from '../../_shared/http.ts'
import { Problem, notFound } from '../../_shared/problem.ts'
import { database } from '../database.ts'
import { tellFactorsChanged } from '../factor-mail.ts'
import * as passkeys from '../passkeys.ts'
import { requireNotTheLast, requireSettingUp, requireStillSettingUp, spendTries } from '../second-factor.ts'
import { clientOf, startSession } from '../session.ts'

const params = z.object({ id: Id })

const ask = createRoute({
  method: 'post',
  path: '/passkeys/options',
  summary: 'What the browser is to ask an authenticator for a new passkey; good once, for five minutes',
  responses: { 200: json(PasskeyOptions), ...problems }
})
// Not idempotent: the challenge in it is good once, a second try with it adds nothing.
const add = createRoute({
  method: 'post',
  path: '/passkeys',
  summary: 'Add a passkey; for whoever had no second factor yet the session is then complete',
  request: jsonBody(NewPasskey),
  responses: { 201: json(Passkey, 'Added'), ...problems }
})
const rename = createRoute({
  method: 'patch',
  path: '/passkeys/{id}',
  summary: 'Give a passkey another name',
  middleware: [requireCaller(database)] as const,
  request: { params, ...jsonBody(PasskeyChange) },
  responses: { 200: json(Passkey), ...problems }
})
const remove = createRoute({
  method: 'delete',
  path: '/passkeys/{id}',
  summary: 'Remove a passkey; not the last factor while one is asked for',
  middleware: [requireCaller(database), requireProof] as const,
  request: { params },
  responses: { 204: { description: 'Removed' }, ...problems }
})

export function passkeyRoutes(app: Api): void {
  app.openapi(ask, async (c) => {
    const caller = await requireSettingUp(c)
    if (!passkeysPossible) throw new Problem('conflict', 'Passkeys need an address with a name.')
    const options = await askForNew(caller, await passkeys.knownPasskeys(database.pool, caller.id))
    await passkeys.giveChallenge(database.pool, options.challenge, 'add', caller.session_id)
    return c.json({ options: { ...options } }, 200)
  })

  app.openapi(add, async (c) => {
    const caller = await requireSettingUp(c)
    const { name, credential } = c.req.valid('json')
    if (caller.owes !== 'done') await spendTries(c, caller)
    const made = await checkNew(credential, passkeys.challengeTaker(database, 'add', caller.session_id))
    if (!made) throw new Problem('passkey_failed', 'The authenticator answered something else.')
    const { passkey, setCookie } = await database.transaction([], async (session, acts) => {
      const factors = await passkeys.lockFactors(session, caller.id)
      requireStillSettingUp(caller, factors)
      if (factors.passkeys >= passkeys.MOST_PASSKEYS)
        throw new Problem('conflict', `A person may have ${passkeys.MOST_PASSKEYS} passkeys.`)
      const passkey = await passkeys.addPasskey(session, caller.id, name, made, credential)
      if (!passkey) throw new Problem('conflict', 'This passkey is known already.')
      acts.push({
        action: 'second_factor.set_up',
        actor_id: caller.id,
        subject_id: passkey.id,
        facts: { kind: 'passkey' },
        detail: clientOf(c)
      })
      if (caller.owes === 'done') await tellFactorsChanged(session, caller.id)
      // Who came in by the password alone is in by more from now on; their other sessions are not.
      const begins = caller.owes !== 'done' || caller.alone
      const setCookie = begins ? await startSession(session, acts, c, caller.id, 2) : null
      await run(session, 'select announce($1)', [`person:${caller.id}`])
      return { passkey, setCookie }
    })
    setCookie?.()
    return c.json(passkey, 201)
  })

  app.openapi(rename, async (c) => {
    const caller = c.var.caller
    const { id } = c.req.valid('param')
    const renamed = await database.transaction([], async (session, acts) => {
      const passkey = await passkeys.renamePasskey(session, id, caller.id, c.req.valid('json').name)
      if (!passkey) throw notFound()
      acts.push({ action: 'second_factor.renamed', actor_id: caller.id, subject_id: id })
      await run(session, 'select announce($1)', [`person:${caller.id}`])
      return passkey
    })
    return c.json(renamed, 200)
  })

  app.openapi(remove, async (c) => {
    const caller = c.var.caller
    const { id } = c.req.valid('param')
    await database.transaction([], async (session, acts) => {
      const factors = await passkeys.lockFactors(session, caller.id)
      if (!(await passkeys.removePasskey(session, id, caller.id))) throw notFound()
      requireNotTheLast(factors, 'passkey')
      acts.push({
        action: 'second_factor.removed',
        actor_id: caller.id,
        subject_id: id,
        facts: { kind: 'passkey' },
        detail: clientOf(c)
      })
      await tellFactorsChanged(session, caller.id)
      await run(session, 'select announce($1)', [`person:${caller.id}`])
    })
    return c.body(null, 204)
  })
}
