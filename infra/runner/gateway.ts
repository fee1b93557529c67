/**
 * OpenFaaS's HTTP surface over our pool of processes: /function/NAME[/path], /system/functions, /healthz.
 * Answers of the gateway itself mean: 404 no such function, 502 it died while it worked, 503 it cannot be had now,
 * 504 it took longer than stack.yml allows.
 */
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http'
import { sameSecret } from '../../functions/_shared/same-secret.ts'
import { watchFunction } from '../observe/seen.ts'
import { endToEnd, forward } from './forward.ts'
import { type FunctionPool, NotStarted } from './functions.ts'

/** Milliseconds that a function's own time limit gets before the gateway's. */
const GRACE = 1_000

const CALL = /^\/function\/([a-z][a-z0-9-]*)(\/[^?]*)?(\?.*)?$/

export type GatewayOptions = { pool: FunctionPool; password: string }

/** The gateway's server, not yet listening. */
export function createGateway(options: GatewayOptions): Server {
  return createServer({ keepAliveTimeout: 65_000, requestTimeout: 0 }, (request, response) => {
    void handle(request, response, options).catch(() => plain(response, 500, 'internal error'))
  })
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  options: GatewayOptions
): Promise<void> {
  const url = request.url ?? '/'
  const call = CALL.exec(url)
  if (call) {
    const [, name = '', path = '/', query = ''] = call
    return callFunction(request, response, options.pool, name, path + query)
  }
  if (url === '/healthz') return plain(response, 200, 'OK')
  if (url === '/system/functions') return listFunctions(request, response, options)
  plain(response, 404, 'not found')
}

async function callFunction(
  request: IncomingMessage,
  response: ServerResponse,
  pool: FunctionPool,
  name: string,
  path: string
): Promise<void> {
  if (!pool.has(name)) return plain(response, 404, 'no such function')
  const call = watchFunction(request, response, name, path)
  let running
  try {
    running = await pool.acquire(name)
  } catch (error) {
    if (!(error instanceof NotStarted)) throw error
    response.setHeader('retry-after', '1')
    return plain(response, 503, 'the function cannot be started')
  }
  const outcome = await forward(request, response, {
    host: '127.0.0.1',
    port: running.port,
    ...(running.socket && { socket: running.socket }),
    agent: running.agent,
    method: request.method ?? 'GET',
    path,
    headers: [...endToEnd(request.rawHeaders, call.isReplaced), ...call.headers],
    patience: running.spec.exec_timeout * 1000 + GRACE,
    answer: (from) => {
      call.answered(from)
      return endToEnd(from.rawHeaders)
    }
  })
  pool.release(running)
  if (outcome === 'late') void pool.endIfHung(running)
  // Its connections end before its death is known: the next call must not go there.
  if (outcome === 'died' || outcome === 'refused') await pool.endIfHung(running)
  if (response.headersSent) return
  if (outcome === 'refused') {
    response.setHeader('retry-after', '1')
    return plain(response, 503, 'the function is not there')
  }
  if (outcome === 'died') return plain(response, 502, 'the function died')
  if (outcome === 'late') return plain(response, 504, 'the function took too long')
}

function listFunctions(request: IncomingMessage, response: ServerResponse, options: GatewayOptions): void {
  const expected = `Basic ${Buffer.from(`admin:${options.password}`).toString('base64')}`
  if (!sameSecret(request.headers.authorization ?? '', expected)) {
    response.setHeader('www-authenticate', 'Basic realm="gateway"')
    return plain(response, 401, 'unauthorised')
  }
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(options.pool.list()))
}

function plain(response: ServerResponse, status: number, text: string): void {
  if (response.headersSent) return void response.destroy()
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`)
}
