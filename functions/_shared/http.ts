/** What every HTTP function's app has: problems, validation, call ids, the origin check, and OpenAPI of its routes. */
import { OpenAPIHono } from '@hono/zod-openapi'
import type { Context, MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { routePath } from 'hono/route'
import { randomUUID } from 'node:crypto'
import { answerError } from './answer-error.ts'
import { config } from './config.ts'
import type { Caller } from './auth/session.ts'
import { clientAddress } from './client-address.ts'
import { ProblemBody } from './contract/common.ts'
import { Problem, notFound } from './problem.ts'
import { sameSecret } from './same-secret.ts'
import { callIdOf, currentTrace } from './trace.ts'

export { clientAddress, sameSecret }

/** `caller` is there behind `requireCaller`. */
export type Variables = { call_id: string; caller: Caller }

/**
 * An app whose thrown errors become problems and whose unsafe methods with a cookie need our Origin (design §8.1).
 * Bad bodies and parameters become `invalid_request` with the fields named.
 */
export function api() {
  const app = new OpenAPIHono<{ Variables: Variables }>({
    defaultHook: (result) => {
      if (result.success) return
      const errors = result.error.issues.map((issue) => ({
        field: issue.path.join('.'),
        code: issue.code ?? 'invalid',
        detail: issue.message
      }))
      throw new Problem('invalid_request', 'The request does not fit its contract.', { errors })
    }
  })
  app.onError((error, c) => answerError(isMalformed(error) ?? error, c.get('call_id')))
  app.notFound((c) => answerError(notFound(), c.get('call_id')))
  app.use(async (c, next) => {
    const trace = currentTrace()
    c.set('call_id', trace ? callIdOf(trace) : (c.req.header('x-call-id') ?? randomUUID()))
    await next()
    tellRoute(c)
    if (!c.res.headers.has('cache-control')) c.res.headers.set('cache-control', 'no-store')
  })
  app.use(sameOrigin)
  app.use(bodyLimit({ maxSize: MAX_BODY, onError: tooLarge }))
  return app
}

/** An app as route files get it. */
export type Api = ReturnType<typeof api>

/** Bytes: 500 files of one call with long names; files themselves never come this way. */
const MAX_BODY = 2 * 1024 * 1024
const tooLarge = () => {
  throw new Problem('too_large', 'The body is larger than this API takes.')
}

/** For whoever measures (infra/observe): the template, not the path. Ends at the edge. */
function tellRoute(c: Context): void {
  const route = routePath(c, -1)
  if (!route.includes('*')) c.res.headers.set('x-portico-route', route.replace(/:(\w+)(\{[^}]*\})?/g, '{$1}'))
}

function isMalformed(error: Error): Problem | null {
  const status = 'status' in error ? error.status : undefined
  return status === 400 || status === 415
    ? new Problem('malformed_request', 'The body is not JSON.', { cause: error })
    : null
}

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])

/** A cookie that another site's page made the browser send does nothing (design §8.1). */
const sameOrigin: MiddlewareHandler = async (c, next) => {
  if (!SAFE.has(c.req.method) && c.req.header('cookie') && c.req.header('origin') !== config.origin)
    throw new Problem('wrong_origin', 'This request came from another origin.')
  await next()
}

/** The OpenAPI answer of a JSON body. */
export const json = <T>(schema: T, description = 'OK') => ({
  content: { 'application/json': { schema } },
  description
})

/** A JSON body that must be there: one that may be left out would not be validated when its type is not named. */
export const jsonBody = <T>(schema: T) => ({
  body: { content: { 'application/json': { schema } }, required: true as const }
})

/** The OpenAPI entry that every route shares for its errors. */
export const problems = {
  default: {
    content: { 'application/problem+json': { schema: ProblemBody } },
    description: 'RFC 9457 problem'
  }
}
