/**
 * The hall: starts the function named by FUNCTION as an ordinary HTTP server, as OpenFaaS's http mode wants it.
 * Health, readiness, call ids, errors and draining live here, so that a handler is only Request → Response.
 */
import { createServer } from 'node:http'
import { randomUUID } from 'node:crypto'
import { getRequestListener } from '@hono/node-server'
import { answerError } from './answer-error.ts'
import { config } from './config.ts'
import { log } from './log.ts'
import { stepBack } from './step-back.ts'
import { type Trace, callIdOf, inTrace, readTraceparent, traceOf } from './trace.ts'

/** What a function's handler.ts exports. `warm` runs before the function calls itself ready; `close` after the last call. */
export type FunctionModule = {
  default: { fetch: (request: Request) => Response | Promise<Response> }
  warm?: () => Promise<void>
  close?: () => Promise<void>
}

async function main(): Promise<void> {
  const started = performance.now()
  void stepBack(config.nice)
  const module: FunctionModule = await import(
    new URL(`../${config.function}/handler.ts`, import.meta.url).href
  )
  let ready = false
  let draining = false
  let calls = 0

  const listener = getRequestListener(
    async (request) => {
      const path = new URL(request.url).pathname
      if (path === '/_/health') return new Response('ok')
      if (path === '/_/ready')
        return new Response(ready ? 'ready' : 'not ready', { status: ready ? 200 : 503 })
      const trace = traceOfCall(request)
      calls += 1
      try {
        return await inTrace(trace, async () => module.default.fetch(request))
      } catch (error) {
        return answerError(error, callIdOf(trace))
      } finally {
        calls -= 1
      }
    },
    // Its own Request and Response stay global (the default): hono's body limit makes a new Request of each that
    // comes without a length, DELETE for one, and Node's own class refuses a foreign one.
    { errorHandler: (error) => answerError(error, randomUUID()) }
  )
  const server = createServer({ keepAliveTimeout: 65_000, requestTimeout: 0 }, listener)

  const leave = (why: string) => {
    if (draining) return
    draining = true
    log.info('draining', { why, calls })
    server.close(() => void finish())
    server.closeIdleConnections()
    // A kept connection becomes idle only after its last call: it would hold the process until its client lets go.
    setInterval(() => server.closeIdleConnections(), 50).unref()
    setTimeout(() => void finish(), config.exec_timeout * 1000).unref()
  }
  const finish = async () => {
    await module.close?.()
    process.exit(0)
  }
  process.on('SIGTERM', () => leave('SIGTERM'))
  process.on('SIGINT', () => leave('SIGINT'))
  if (config.exit_with_stdin)
    process.stdin
      .resume()
      .on('end', () => process.exit(0))
      .on('error', () => process.exit(0))

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    if (config.listen_socket) server.listen(config.listen_socket, resolve)
    else server.listen(config.port, config.host, resolve)
  })
  await module.warm?.()
  ready = true
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 'socket'
  log.info('ready', { port, ms: Math.round(performance.now() - started) })
}

/** The gateway has made this step already where it is ours; OpenFaaS's own passes on what the caller said, and a call id. */
function traceOfCall({ headers }: Request): Trace {
  const given = headers.get('traceparent')
  return readTraceparent(given) ?? traceOf(null, headers.get('x-call-id')).trace
}

if (import.meta.main) await main()
