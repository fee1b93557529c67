/** Passes one HTTP exchange on, both ways streaming, header for header. Gateway and edge decide what may pass. */
import { type Agent, type IncomingMessage, type ServerResponse, request as plainly } from 'node:http'
import { request as securely } from 'node:https'

export type Target = {
  host: string
  port: number
  /** A Unix socket in place of host and port. */
  socket?: string
  /** By TLS. */
  secure?: boolean
  agent: Agent
  method: string
  /** Path and query, as they go out. */
  path: string
  /** Names and values in turn, as in rawHeaders. */
  headers: string[]
  /** Milliseconds until the answer must begin, counted from the end of the request's body. */
  patience: number
  /** Bytes of the request's body; more is `too_large`. */
  body_limit?: number
  /** Milliseconds within which the whole request must have come; slower is `slow`. */
  body_patience?: number
  /** The headers that go back. */
  answer?: (from: IncomingMessage) => string[]
}

/**
 * done: answered · refused: nobody there · died: the connection broke before an answer · late: no answer in time ·
 * too_large, slow: the request is to blame · left: the caller went away · cut: the answer broke off half way.
 * Only after the first two groups without an answer may the caller still write one: `response.headersSent` tells.
 */
export type Outcome = 'done' | 'refused' | 'died' | 'late' | 'too_large' | 'slow' | 'left' | 'cut'

/** RFC 9110 section 7.6.1; `expect` is answered by our own server. */
const HOP_BY_HOP = new Set([
  'connection',
  'expect',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade'
])

/** The headers meant for the other end, without those that `drop` names (lower case) and those of this hop. */
export function endToEnd(raw: string[], drop: (name: string) => boolean = () => false): string[] {
  const named = new Set<string>()
  for (let i = 0; i < raw.length; i += 2)
    if (raw[i]?.toLowerCase() === 'connection')
      for (const name of (raw[i + 1] ?? '').split(',')) named.add(name.trim().toLowerCase())
  const kept: string[] = []
  for (let i = 0; i < raw.length; i += 2) {
    const [name = '', value = ''] = [raw[i], raw[i + 1]]
    const key = name.toLowerCase()
    if (!HOP_BY_HOP.has(key) && !named.has(key) && !drop(key)) kept.push(name, value)
  }
  return kept
}

const FRAMING = new Set(['content-length', 'transfer-encoding'])

/**
 * The headers with the framing of the body that Node parsed, whatever they said themselves: a `Connection` that names
 * Content-Length would else take it away from a body that is sent all the same, and the next server would read that body
 * as a request of its own (RFC 9112 section 11.2).
 */
function framed(headers: string[], request: IncomingMessage): string[] {
  const kept: string[] = []
  for (let i = 0; i < headers.length; i += 2) {
    const [name = '', value = ''] = [headers[i], headers[i + 1]]
    if (!FRAMING.has(name.toLowerCase())) kept.push(name, value)
  }
  if (request.headers['transfer-encoding'] !== undefined) return [...kept, 'Transfer-Encoding', 'chunked']
  const length = request.headers['content-length']
  return length === undefined ? kept : [...kept, 'Content-Length', length]
}

const hasBody = (request: IncomingMessage): boolean =>
  request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0

/** Sends the request to the target and its answer back. Never rejects. */
export async function forward(
  request: IncomingMessage,
  response: ServerResponse,
  target: Target
): Promise<Outcome> {
  const declared = Number(request.headers['content-length'] ?? 0)
  if (target.body_limit !== undefined && declared > target.body_limit) return 'too_large'
  const first = await attempt(request, response, target)
  // A kept connection may be closed by the other end at the very moment it is used again.
  if (first === 'stale') {
    const second = await attempt(request, response, target)
    return second === 'stale' ? 'died' : second
  }
  return first
}

function attempt(
  request: IncomingMessage,
  response: ServerResponse,
  target: Target
): Promise<Outcome | 'stale'> {
  return new Promise((resolve) => {
    let settled = false
    let answer: IncomingMessage | undefined
    let timer: NodeJS.Timeout | undefined
    let bodyTimer: NodeJS.Timeout | undefined
    const open = target.secure ? securely : plainly
    const upstream = open({
      ...(target.socket !== undefined && { socketPath: target.socket }),
      host: target.host,
      port: target.port,
      agent: target.agent,
      method: target.method,
      path: target.path,
      headers: framed(target.headers, request)
    })
    const settle = (outcome: Outcome | 'stale') => {
      if (settled) return
      settled = true
      clearTimeout(timer)
      clearTimeout(bodyTimer)
      request.off('data', count)
      response.off('close', onClose)
      if (outcome !== 'done') {
        request.unpipe(upstream)
        upstream.destroy()
        if (response.headersSent) response.destroy()
      }
      resolve(outcome)
    }
    let size = 0
    const count = (chunk: Buffer) => {
      size += chunk.length
      if (target.body_limit !== undefined && size > target.body_limit) settle('too_large')
    }
    const startPatience = () => {
      if (!settled) timer = setTimeout(() => settle('late'), target.patience)
    }
    const onClose = () => settle(response.writableFinished ? 'done' : 'left')

    response.on('close', onClose)
    upstream.on('error', (error: NodeJS.ErrnoException) => {
      if (answer) return settle('cut')
      // Nobody there: refused, no such name, no way. A container that is away has not even a name.
      if (error.syscall === 'connect' || error.syscall === 'getaddrinfo') return settle('refused')
      settle(upstream.reusedSocket && !hasBody(request) ? 'stale' : 'died')
    })
    upstream.on('response', (from) => {
      if (settled) return void from.resume()
      answer = from
      clearTimeout(timer)
      response.writeHead(from.statusCode ?? 502, target.answer?.(from) ?? endToEnd(from.rawHeaders))
      if (from.headers['content-type']?.startsWith('text/event-stream')) response.flushHeaders()
      from.on('aborted', () => settle('cut')).on('error', () => settle('cut'))
      from.pipe(response)
      response.on('finish', () => settle('done'))
    })
    if (!hasBody(request)) {
      startPatience()
      upstream.end()
      return
    }
    if (target.body_limit !== undefined) request.on('data', count)
    if (target.body_patience !== undefined) bodyTimer = setTimeout(() => settle('slow'), target.body_patience)
    request.once('end', () => {
      clearTimeout(bodyTimer)
      startPatience()
    })
    request.once('error', () => settle('left'))
    request.pipe(upstream)
  })
}
