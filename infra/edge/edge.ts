/** The front door: one origin for pages, API and files. What may pass is in store-rules.ts and request-rules.ts. */
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import {
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type Server,
  type ServerResponse,
  createServer
} from 'node:http'
import { type ProblemCode, Problem, problemResponse } from '../../functions/_shared/problem.ts'
import {
  type Trace,
  newTrace,
  nextStep,
  readTraceparent,
  traceHeaders
} from '../../functions/_shared/trace.ts'
import { isForUs, isSampled, watchCall } from '../observe/seen.ts'
import { type Target, endToEnd, forward } from '../runner/forward.ts'
import { AWAY_HEADERS, AWAY_PAGE } from './away.ts'
import {
  clientAddress,
  endsAtEdge,
  functionPath,
  isLoopback,
  isPlainConnection,
  plainAddress
} from './request-rules.ts'
import { type Way, wayTo } from './way.ts'
import { isStorePath, refuseStoreRequest, storeAnswerHeaders, storeRequestHeaders } from './store-rules.ts'

/** What a browser or a program of ours sends; TRACE would show a caller what we added. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
/** Bytes. Files go to the store; what functions and web get are forms and JSON. */
const BODY_LIMIT = 1024 * 1024
/** Milliseconds. */
const HEADERS_PATIENCE = 15_000
const BODY_PATIENCE = 30_000
const ANSWER_PATIENCE = 60_000
const SILENCE = 60_000

export type EdgeOptions = {
  /** As people type it, without a trailing slash. */
  origin: string
  /** http addresses on an inner network; the store may be elsewhere, by https. */
  gateway: string
  store: string
  web: string
  edge_token: string
  /** Functions that people may call. */
  is_public: (name: string) => boolean
  /** Peers whose X-Forwarded-For is believed, besides loopback ones when the origin is https. */
  proxies: string[]
  /** Those proxies make a `traceparent` of their own, and let through none from outside: it is gone on with. */
  trusts_traceparent?: boolean
  openapi: URL
}

type Watched = ReturnType<typeof watchCall>

/** The edge's server, not yet listening. */
export function createEdge(options: EdgeOptions): Server {
  const origin = new URL(options.origin)
  const secure = origin.protocol === 'https:'
  const [gateway, store, web] = [wayTo(options.gateway), wayTo(options.store), wayTo(options.web)]
  const isTrusted = (address: string) => options.proxies.includes(address) || (secure && isLoopback(address))

  /** Headers on to our own processes: nothing of ours from outside, and whose machine asks, with proof that we say so. */
  const inner = (request: IncomingMessage, trace: Trace): string[] => [
    ...endToEnd(request.rawHeaders, endsAtEdge),
    'X-Portico-Edge-Token',
    options.edge_token,
    'X-Portico-Client-Address',
    clientAddress(request.socket.remoteAddress, request.headers['x-forwarded-for']?.toString(), isTrusted),
    ...Object.entries(traceHeaders(trace)).flat()
  ]
  const toOurs = (request: IncomingMessage, path: string, to: Way, call: Watched): Target => ({
    ...to,
    method: request.method ?? 'GET',
    path,
    headers: inner(request, call.trace),
    patience: ANSWER_PATIENCE,
    body_limit: BODY_LIMIT,
    body_patience: BODY_PATIENCE,
    answer: (from) => {
      call.answered(from)
      return withCharset(endToEnd(from.rawHeaders, isForUs))
    }
  })

  /** What nobody outside may choose: which trace it is. */
  const watch = (request: IncomingMessage, response: ServerResponse, name: string): Watched => {
    const trusted =
      options.trusts_traceparent && options.proxies.includes(plainAddress(request.socket.remoteAddress ?? ''))
    const parent = trusted ? readTraceparent(request.headers.traceparent?.toString()) : null
    const trace = parent ? nextStep(parent) : newTrace(isSampled())
    return watchCall(response, { by: 'edge', function: name, method: request.method ?? '', trace, parent })
  }

  async function toApi(request: IncomingMessage, response: ServerResponse, url: string): Promise<void> {
    if (url === '/api/v1/openapi.json') return openapi(request, response, options.openapi)
    const path = functionPath(url, options.is_public)
    if (path === null) return problem(response, 'not_found', 'There is nothing here.')
    const call = watch(request, response, path.split('/')[2] ?? '')
    const outcome = await forward(request, response, toOurs(request, path, gateway, call))
    if (response.headersSent) return
    if (outcome === 'too_large')
      return problem(response, 'too_large', 'At most 1 MiB; files go to the store.')
    if (outcome === 'slow') return problem(response, 'malformed_request', 'The request came too slowly.')
    if (outcome !== 'left') return away(request, response, false)
  }

  async function toStore(request: IncomingMessage, response: ServerResponse, url: string): Promise<void> {
    const refusal = refuseStoreRequest(request.method ?? '', url, request.headers)
    if (refusal) return answer(response, refusal.status, { connection: 'close' }, `${refusal.reason}\n`)
    const path = url.split('?')[0] ?? ''
    watch(request, response, 'store')
    const outcome = await forward(request, response, {
      ...store,
      method: request.method ?? 'GET',
      path: url,
      headers: storeRequestHeaders(request.rawHeaders, url),
      patience: ANSWER_PATIENCE,
      answer: (from) => storeAnswerHeaders(path, from.statusCode ?? 502, from.rawHeaders, from.headers)
    })
    if (!response.headersSent && outcome !== 'left') away(request, response, false)
  }

  async function toWeb(request: IncomingMessage, response: ServerResponse, url: string): Promise<void> {
    const call = watch(request, response, 'web')
    const outcome = await forward(request, response, toOurs(request, url, web, call))
    if (response.headersSent || outcome === 'left') return
    if (outcome === 'too_large' || outcome === 'slow')
      return answer(response, 413, { connection: 'close' }, '')
    away(request, response, true)
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = request.url ?? ''
    response.setHeader('X-Content-Type-Options', 'nosniff')
    if (secure) response.setHeader('Strict-Transport-Security', 'max-age=31536000; includeSubDomains')
    if (!url.startsWith('/') || !isPlainConnection(request.headers.connection))
      return answer(response, 400, { connection: 'close' }, '')
    if (!METHODS.has(request.method ?? '')) return answer(response, 405, { connection: 'close' }, '')
    if (url === '/_/health') return answer(response, 200, {}, 'ok\n')
    if (request.headers.host !== origin.host) return elsewhere(request, response, origin, url)
    if (/^\/api\/v\d/.test(url)) {
      // No answer of the API is a page, wherever somebody puts it.
      response.setHeader('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'")
      return toApi(request, response, url)
    }
    if (isStorePath(url)) return toStore(request, response, url)
    return toWeb(request, response, url)
  }

  const server = createServer(
    {
      headersTimeout: HEADERS_PATIENCE,
      requestTimeout: 0, // a part of a large file may take its time as long as it moves
      keepAliveTimeout: 65_000,
      connectionsCheckingInterval: 5_000
    },
    (request, response) =>
      void handle(request, response).catch(() => {
        if (response.headersSent) response.destroy()
        else answer(response, 500, {}, '')
      })
  )
  server.setTimeout(SILENCE)
  server.on('close', () => {
    for (const { agent } of [gateway, store, web]) agent.destroy()
  })
  return server
}

/** Texts of ours are UTF-8 (ASVS 5.0, V4.1.1); files of the framework do not say so. A stream of events always is. */
const withCharset = (headers: string[]): string[] =>
  headers.map((value, at) =>
    at % 2 === 1 &&
    headers[at - 1]?.toLowerCase() === 'content-type' &&
    /^text\/(?!event-stream)[\w.+-]+$/.test(value)
      ? `${value}; charset=utf-8`
      : value
  )

/** Links are built from the configured origin only, so a page under another name would break; a foreign site's name
 * pointing at us (DNS rebinding) gets nothing. */
function elsewhere(request: IncomingMessage, response: ServerResponse, origin: URL, url: string): void {
  const isPage = request.method === 'GET' && !url.startsWith('/api/') && !isStorePath(url)
  const isLocal = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test(request.headers.host ?? '')
  if (isPage && isLocal && origin.protocol === 'http:')
    return answer(response, 307, { location: origin.origin + url }, '')
  answer(response, 421, {}, `This portal is at ${origin.origin}.\n`)
}

function answer(response: ServerResponse, status: number, headers: OutgoingHttpHeaders, text: string): void {
  const always = { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' }
  response.writeHead(status, { ...always, ...headers }).end(text)
}

function problem(response: ServerResponse, code: ProblemCode, detail: string): void {
  const made = problemResponse(new Problem(code, detail), randomUUID())
  const headers = { ...Object.fromEntries(made.headers), connection: 'close' }
  response.writeHead(made.status, headers)
  void made.text().then((text) => response.end(text))
}

/** A process of ours cannot be reached: a page for people, a problem for programs. */
function away(request: IncomingMessage, response: ServerResponse, is_page: boolean): void {
  if (is_page && request.headers.accept?.includes('text/html'))
    return void response.writeHead(503, AWAY_HEADERS).end(AWAY_PAGE)
  const body = { type: 'about:blank#away', title: 'away', status: 503, detail: 'Try again.', code: 'away' }
  answer(
    response,
    503,
    { 'content-type': 'application/problem+json', 'retry-after': '3' },
    JSON.stringify(body)
  )
}

function openapi(request: IncomingMessage, response: ServerResponse, file: URL): void {
  if (request.method !== 'GET') return answer(response, 405, { allow: 'GET' }, '')
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    return problem(response, 'not_found', 'The description was not built.')
  }
  answer(response, 200, { 'content-type': 'application/json', 'cache-control': 'max-age=300' }, text)
}
