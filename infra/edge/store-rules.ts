/**
 * What of the object store can be reached from outside: GET and PUT of one object, presigned, nothing else. Two open
 * holes of the store (CVE-2026-40344, CVE-2026-41145: who knows an access key, and a presigned URL shows it, can write
 * through a streaming payload mode) are shut here. Pure.
 */
import { DERIVED, DOCUMENTS } from '../../functions/_shared/storage/buckets.ts'

/** Buckets that browsers may reach. Drops are for machines, not through here. */
const BUCKETS = [DOCUMENTS, DERIVED]

/** Our keys are made of ids and plain names: nothing in them ever needs escaping. */
const KEY = /^[A-Za-z0-9_-][A-Za-z0-9._-]*(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/

/** Parameters that a presigned GET or PUT of one object may have. All else (acl, retention, tagging, …) stays out. */
const PARAMETERS = new Set([
  'partnumber',
  'response-cache-control',
  'response-content-disposition',
  'response-content-type',
  'uploadid',
  'versionid',
  'x-amz-algorithm',
  'x-amz-checksum-mode',
  'x-amz-content-sha256',
  'x-amz-credential',
  'x-amz-date',
  'x-amz-expires',
  'x-amz-security-token',
  'x-amz-signature',
  'x-amz-signedheaders',
  'x-id',
  'x-portico-ticket'
])
const REQUIRED = ['x-amz-algorithm', 'x-amz-credential', 'x-amz-signature', 'x-amz-expires']

/** Headers that travel on. Not among them: Cookie, Authorization, any x-amz-… */
const REQUEST_HEADERS = new Set([
  'accept',
  'content-length',
  'content-md5',
  'content-type',
  'host',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'range'
])

export type Refusal = { status: 400 | 403 | 404 | 405; reason: string }

/** Whether the first segment of a path is a bucket, or looks like one: then the web is never asked for it. */
export const isStorePath = (path: string): boolean =>
  /^\/portico-(documents|derived|drops)(\/|$|\?)/.test(path)

/**
 * Judges a request for the store.
 *
 * @param url path and query as the client sent them
 * @param headers with lower-case names
 * @returns null when it may pass
 */
export function refuseStoreRequest(
  method: string,
  url: string,
  headers: Record<string, string | string[] | undefined>
): Refusal | null {
  if (method !== 'GET' && method !== 'PUT') return { status: 405, reason: 'method' }
  const cut = url.indexOf('?')
  const [path, query] = cut < 0 ? [url, ''] : [url.slice(0, cut), url.slice(cut + 1)]
  const [, bucket = '', ...key] = path.split('/')
  if (!BUCKETS.includes(bucket) || !KEY.test(key.join('/'))) return { status: 404, reason: 'path' }
  if (
    mentionsStreaming(`${path}?${withoutFileName(query)}`) ||
    Object.values(headers).some((value) => mentionsStreaming(String(value)))
  )
    return { status: 403, reason: 'streaming payload' }
  return refuseQuery(query)
}

function refuseQuery(query: string): Refusal | null {
  const seen = new Map<string, string>()
  for (const [name, value] of new URLSearchParams(query)) {
    const key = name.toLowerCase()
    if (!PARAMETERS.has(key) || seen.has(key)) return { status: 403, reason: `parameter ${key.slice(0, 40)}` }
    seen.set(key, value)
  }
  if (REQUIRED.some((name) => !seen.get(name))) return { status: 403, reason: 'not presigned' }
  const payload = seen.get('x-amz-content-sha256')
  if (payload !== undefined && payload !== 'UNSIGNED-PAYLOAD') return { status: 403, reason: 'payload mode' }
  // The store reads names and values unescaped: one spelled otherwise would be signed, and still not be seen here.
  if (seen.has('x-portico-ticket') && !TICKET.test(`?${query}`)) return { status: 403, reason: 'ticket' }
  return null
}

/** A file may well be called "Streaming-Vertrag.pdf": its name is no payload mode. */
const withoutFileName = (query: string): string =>
  query
    .split('&')
    .filter((one) => !/^response-content-disposition=/i.test(one))
    .join('&')

/** Any case, escaped once or twice over. */
function mentionsStreaming(text: string): boolean {
  let plain = text
  for (let i = 0; i < 3; i += 1) {
    if (/streaming-/i.test(plain)) return true
    try {
      plain = decodeURIComponent(plain)
    } catch {
      return false
    }
  }
  return false
}

const TICKET = /[?&]x-portico-ticket=([0-9a-f-]{36})(&|$)/

/**
 * The headers that travel on to the store, as names and values in turn. The browser's User-Agent does not: in its place
 * stands the download's ticket, for the store tells of a read by its User-Agent and nothing else of ours.
 */
export function storeRequestHeaders(raw: string[], url: string): string[] {
  const ticket = TICKET.exec(url)?.[1]
  const kept: string[] = ['User-Agent', ticket ? `portico-ticket/${ticket}` : 'portico-edge']
  for (let i = 0; i < raw.length; i += 2)
    if (REQUEST_HEADERS.has((raw[i] ?? '').toLowerCase())) kept.push(raw[i] ?? '', raw[i + 1] ?? '')
  return kept
}

/** Headers of the store's answers that a browser gets to see. Not among them: Set-Cookie, Server, x-amz-…, Location. */
const ANSWER_HEADERS = new Set([
  'accept-ranges',
  'cache-control',
  'content-length',
  'content-range',
  'date',
  'etag',
  'last-modified'
])

/** What a browser may show in the page: pictures that our own functions made. Everything else is saved to disk. */
const SHOWN = new Set(['image/jpeg', 'image/png', 'image/webp'])

type Headers = Record<string, string | string[] | undefined>

/**
 * The headers of the answer to a browser, as names and values in turn. Clients' files share the portal's origin and
 * must never run in it: always a disposition, never a guessed type, a sandbox around whatever a browser makes of it.
 *
 * @param path of the request
 * @param status of the store's answer; its own errors are XML and are never shown
 */
export function storeAnswerHeaders(path: string, status: number, raw: string[], headers: Headers): string[] {
  const kept: string[] = []
  for (let i = 0; i < raw.length; i += 2)
    if (ANSWER_HEADERS.has((raw[i] ?? '').toLowerCase())) kept.push(raw[i] ?? '', raw[i + 1] ?? '')
  const type = String(headers['content-type'] ?? '').toLowerCase()
  const isShown = status < 300 && path.startsWith(`/${DERIVED}/`) && SHOWN.has(type)
  const given = String(headers['content-disposition'] ?? '')
  const disposition = isShown ? 'inline' : /^attachment\s*(;|$)/i.test(given) ? given : 'attachment'
  if (headers['cache-control'] === undefined) kept.push('Cache-Control', 'private, no-store')
  if (type) kept.push('Content-Type', type)
  kept.push(
    'Content-Disposition',
    disposition,
    'X-Content-Type-Options',
    'nosniff',
    'Content-Security-Policy',
    "sandbox; default-src 'none'; frame-ancestors 'self'",
    'Cross-Origin-Resource-Policy',
    'same-origin',
    'Referrer-Policy',
    'no-referrer'
  )
  return kept
}
