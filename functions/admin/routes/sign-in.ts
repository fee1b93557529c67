/** The firm's rules for signing in (administrators). */
import { createRoute } from '@hono/zod-openapi'
import { requireProof } from '../../_shared/auth/proof.ts'
import { requireCaller, requireRole } from '../../_shared/auth/session.ts'
import { config } from '../../_shared/config.ts'
import { SignInAffected, SignInRules, SignInSettings } from '../../_shared/contract/person.ts'
import { run } from '../../_shared/db/database.ts'
import { type Api, json, jsonBody, problems } from '../../_shared/http.ts'
import { Problem } from '../../_shared/problem.ts'
import { database } from '../database.ts'
import { affectedBy, changeSignIn, signInSettings } from '../sign-in.ts'

const read = createRoute({
  method: 'get',
  path: '/sign-in',
  summary: 'What the firm asks of whoever signs in (administrators)',
  middleware: [requireCaller(database)] as const,
  responses: { 200: json(SignInSettings), ...problems }
})
const preview = createRoute({
  method: 'post',
  path: '/sign-in/preview',
  summary: 'Who would have to set up a second factor under these rules; changes nothing (administrators)',
  middleware: [requireCaller(database)] as const,
  request: jsonBody(SignInRules),
  responses: { 200: json(SignInAffected), ...problems }
})
const change = createRoute({
  method: 'patch',
  path: '/sign-in',
  summary: 'Change what the firm asks of whoever signs in (administrators)',
  middleware: [requireCaller(database), requireProof] as const,
  request: jsonBody(SignInRules),
  responses: { 200: json(SignInSettings), ...problems }
})

export function signInRoutes(app: Api): void {
  app.openapi(read, async (c) => {
    requireRole(c.var.caller, 'administrator')
    return c.json(await signInSettings(database.pool), 200)
  })

  app.openapi(preview, async (c) => {
    requireRole(c.var.caller, 'administrator')
    return c.json(await affectedBy(database.pool, c.req.valid('json')), 200)
  })

  app.openapi(change, async (c) => {
    const caller = c.var.caller
    requireRole(caller, 'administrator')
    const rules = c.req.valid('json')
    if (rules.sms_codes && !config.sms)
      throw new Problem('conflict', 'There is no gateway for text messages: the operator sets one up.')
    const settings = await database.transaction([], async (session, acts) => {
      await changeSignIn(session, caller.id, rules, acts)
      await run(session, 'select announce($1)', [`person:${caller.id}`])
      return signInSettings(session)
    })
    return c.json(settings, 200)
  })
}
