/**
 * The hall: starts the function named by FUNCTION as an ordinary HTTP server, as OpenFaaS's http mode wants it.
 * Health, readiness, call ids, errors and draining live here, so that a handler is only Request → Response.
 */
import { createServer } from 'node:http'
import { randomUUID } from 'node:crypto'
import { getRequestListener } from '@hono/node-server'
import { config } from './config.ts'
import { errorFacts, log } from './log.ts'
import { Problem, problemResponse } from './problem.ts'

/** What a function's handler.ts exports. `warm` runs before the function calls itself ready; `close` after the last call. */
export type FunctionModule = {
  default: { fetch: (request: Request) => Response | Promise<Response> }
  warm?: () => Promise<void>
  close?: () => Promise<void>
}

/** Whatever was thrown, as an answer; what we did not foresee is a bare 500 with an id that the log has too. */
export function answerError(error: unknown, callId: string): Response {
  if (error instanceof Problem) {
    if (error.status >= 500) log.error('problem', { call_id: callId, code: error.code, ...errorFacts(error) })
    return problemResponse(error, callId)
  }
  const known = away(error)
  log.error('unexpected', { call_id: callId, ...errorFacts(error) })
  return problemResponse(known ?? new Problem('internal'), callId)
}

const DATABASE_AWAY = new Set(['57P01', '57P02', '57P03', '53300', '08006', '08001', '08003', '08004', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE'])

/** The database or the store is away: say so and say when to try again, instead of a 500. */
function away(error: unknown): Problem | null {
  for (let e: unknown = error; e instanceof Error; e = e.cause) {
    if ('$metadata' in e) return new Problem('store_away', 'The document store does not answer.', { retryAfter: 5 })
    if ('code' in e && DATABASE_AWAY.has(String(e.code)))
      return new Problem('database_away', 'The database does not answer.', { retryAfter: 5 })
    if (/Connection terminated|timeout exceeded when trying to connect/.test(e.message))
      return new Problem('database_away', 'The database does not answer.', { retryAfter: 5 })
  }
  return null
}

async function main(): Promise<void> {
  const started = performance.now()
  const module: FunctionModule = await import(new URL(`../${config.function}/handler.ts`, import.meta.url).href)
  let ready = false
  let draining = false
  let calls = 0

  const listener = getRequestListener(
    async (request) => {
      const path = new URL(request.url).pathname
      if (path === '/_/health') return new Response('ok')
      if (path === '/_/ready') return new Response(ready ? 'ready' : 'not ready', { status: ready ? 200 : 503 })
      const callId = request.headers.get('x-call-id') ?? randomUUID()
      calls += 1
      try {
        return await module.default.fetch(request)
      } catch (error) {
        return answerError(error, callId)
      } finally {
        calls -= 1
      }
    },
    { errorHandler: (error) => answerError(error, randomUUID()), overrideGlobalObjects: false }
  )
  const server = createServer({ keepAliveTimeout: 65_000, requestTimeout: 0 }, listener)

  const leave = (why: string) => {
    if (draining) return
    draining = true
    log.info('draining', { why, calls })
    server.close(() => void finish())
    server.closeIdleConnections()
    setTimeout(() => void finish(), config.exec_timeout * 1000).unref()
  }
  const finish = async () => {
    await module.close?.()
    process.exit(0)
  }
  process.on('SIGTERM', () => leave('SIGTERM'))
  process.on('SIGINT', () => leave('SIGINT'))
  if (config.exit_with_stdin) process.stdin.resume().on('end', () => process.exit(0)).on('error', () => process.exit(0))

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(config.port, config.host, resolve)
  })
  await module.warm?.()
  ready = true
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : address
  log.info('ready', { port, ms: Math.round(performance.now() - started) })
}

if (import.meta.main) await main()
