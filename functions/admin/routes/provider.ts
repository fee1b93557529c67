/** The firm's provider of accounts for its staff (administrators). */
import { createRoute } from '@hono/zod-openapi'
import { readProvider } from '../../_shared/auth/identity-provider.ts'
import { requireProof } from '../../_shared/auth/proof.ts'
import { tryProvider } from '../../_shared/auth/try-provider.ts'
import { unseal } from '../../_shared/auth/sealed.ts'
import { requireCaller, requireRole } from '../../_shared/auth/session.ts'
import {
  IdentityProviderPage,
  IdentityProviderWish,
  ProviderTest,
  ProviderTested
} from '../../_shared/contract/provider.ts'
import { run } from '../../_shared/db/database.ts'
import { type Api, json, jsonBody, problems } from '../../_shared/http.ts'
import { database, limits } from '../database.ts'
import { keptSecret, providerPage, saveProvider } from '../provider.ts'

const read = createRoute({
  method: 'get',
  path: '/identity-provider',
  summary: 'How staff sign in with the firm’s own accounts (administrators)',
  middleware: [requireCaller(database)] as const,
  responses: { 200: json(IdentityProviderPage), ...problems }
})
const change = createRoute({
  method: 'patch',
  path: '/identity-provider',
  summary: 'Set it up or change it; the secret only where it is new (administrators)',
  middleware: [requireCaller(database), requireProof] as const,
  request: jsonBody(IdentityProviderWish),
  responses: { 200: json(IdentityProviderPage), ...problems }
})
const test = createRoute({
  method: 'post',
  path: '/identity-provider/test',
  summary: 'Try whether the provider answers and knows Portico; changes nothing (administrators)',
  middleware: [requireCaller(database), requireProof] as const,
  request: jsonBody(ProviderTest),
  responses: { 200: json(ProviderTested), ...problems }
})

export function providerRoutes(app: Api): void {
  app.openapi(read, async (c) => {
    requireRole(c.var.caller, 'administrator')
    return c.json(await providerPage(database.pool, c.var.caller), 200)
  })

  app.openapi(change, async (c) => {
    const caller = c.var.caller
    requireRole(caller, 'administrator')
    const wish = c.req.valid('json')
    await database.transaction([], async (session, acts) => {
      await saveProvider(session, acts, caller, wish)
      await run(session, 'select announce($1)', [`person:${caller.id}`])
    })
    return c.json(await providerPage(database.pool, caller), 200)
  })

  app.openapi(test, async (c) => {
    requireRole(c.var.caller, 'administrator')
    await limits.spend([{ limit: 'provider_test', key: c.var.caller.id }])
    const { issuer, client_id, client_secret } = c.req.valid('json')
    const secret = client_secret ?? (await unseal(keptSecret(await readProvider(database.pool), issuer))).text
    return c.json({ verdict: await tryProvider({ issuer, client_id, client_secret: secret }) }, 200)
  })
}
