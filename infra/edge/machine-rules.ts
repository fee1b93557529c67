/**
 * What S3 tools of machines may ask of the object store: to put objects into the drop bucket and to look what they put there,
 * signed in the header with short-lived credentials (STS). Two open holes of the store (CVE-2026-40344, CVE-2026-41145) let
 * whoever knows an access key write through a streaming payload mode: none passes. Whose prefix it is decides the store, by
 * the session's policy. Pure.
 */
import { DROPS } from '../../functions/_shared/storage/buckets.ts'

export type MachineRefusal = { status: 400 | 403 | 404 | 405 | 411 | 413; code: string; reason: string }
type Headers = Record<string, string | string[] | undefined>

/** Bytes of one request: S3 takes no more in one, and of these each becomes a document. */
const PUT_LIMIT = 5 * 1024 ** 3
/** Bytes of the list of parts: 10,000 of them. */
const POST_LIMIT = 2 * 1024 ** 2

const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'
/** `<project>/key-<API key>/`: where sessions write (storage/buckets.ts), and where nothing else of ours lies. */
const OWN = new RegExp(`^${UUID}/key-${UUID}/`)

type Operation = {
  method: string
  /** Of one object, or of the bucket. */
  on: 'object' | 'bucket'
  /** Parameters that make it this operation, and ones that it may have besides. */
  with: string[]
  may: string[]
}
const OPERATIONS: Operation[] = [
  { method: 'PUT', on: 'object', with: ['partnumber', 'uploadid'], may: [] },
  { method: 'PUT', on: 'object', with: [], may: [] },
  // rclone looks at the very version that it has just written.
  { method: 'HEAD', on: 'object', with: [], may: ['versionid'] },
  { method: 'POST', on: 'object', with: ['uploads'], may: [] },
  { method: 'POST', on: 'object', with: ['uploadid'], may: [] },
  { method: 'DELETE', on: 'object', with: ['uploadid'], may: [] },
  {
    method: 'GET',
    on: 'object',
    with: ['uploadid'],
    may: ['max-parts', 'part-number-marker', 'encoding-type']
  },
  { method: 'GET', on: 'bucket', with: ['location'], may: [] },
  {
    method: 'GET',
    on: 'bucket',
    with: ['prefix'],
    may: [
      'list-type',
      'delimiter',
      'max-keys',
      'continuation-token',
      'start-after',
      'marker',
      'encoding-type',
      'fetch-owner'
    ]
  }
]

/** `x-amz-…` headers that say nothing but what is sent. No copying, no encryption by others' keys, no retention, no tags. */
const AMZ =
  /^x-amz-(date|security-token|content-sha256|user-agent|meta-[a-z0-9!#$%&'*+.^_`|~-]+|checksum-(crc32|crc32c|crc64nvme|sha1|sha256|type|algorithm|mode)|sdk-checksum-algorithm|mp-object-size)$/
/** Other headers that travel on; what is signed and not among them would not fit any more when it arrives. */
const PLAIN = new Set([
  'accept',
  'accept-encoding',
  'authorization',
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-length',
  'content-md5',
  'content-type',
  'host',
  'if-match',
  'if-none-match',
  'user-agent'
])
const travels = (name: string): boolean =>
  PLAIN.has(name) || AMZ.test(name) || name === 'x-amz-acl' || name.startsWith('amz-sdk-')

/** Signature Version 4 in the header (AWS, "Authenticating requests: using the Authorization header"). */
const SIGNED =
  /^AWS4-HMAC-SHA256 +Credential=[\w+/=-]{3,128}\/\d{8}\/[a-z0-9-]{1,40}\/s3\/aws4_request, *SignedHeaders=([a-z0-9;!#$%&'*+.^_`|~-]+), *Signature=[0-9a-f]{64}$/
/** A session's token is a JWT of the store's. That it belongs to the access key and has not ended the store looks up. */
const TOKEN = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/
/** The body's own hash, or "not hashed", which TLS stands in for; every streaming mode is shut. */
const PAYLOAD = /^([0-9a-f]{64}|UNSIGNED-PAYLOAD)$/

const refuse = (status: MachineRefusal['status'], code: string, reason: string): MachineRefusal => ({
  status,
  code,
  reason
})

/**
 * Judges a request of an S3 tool.
 *
 * @param url path and query as the client sent them
 * @param headers with lower-case names
 * @returns null when it may pass to the store
 */
export function refuseMachineRequest(method: string, url: string, headers: Headers): MachineRefusal | null {
  const cut = url.indexOf('?')
  const [path, query] = cut < 0 ? [url, ''] : [url.slice(0, cut), url.slice(cut + 1)]
  return refuseHeaders(headers) ?? refuseAddress(method, path, query) ?? refuseSize(method, headers)
}

function refuseHeaders(headers: Headers): MachineRefusal | null {
  const one = (name: string): string => String(headers[name] ?? '')
  const signed = SIGNED.exec(one('authorization'))?.[1]?.split(';')
  if (!signed)
    return refuse(403, 'AccessDenied', 'Only requests signed by Signature Version 4 in the header pass.')
  if (!TOKEN.test(one('x-amz-security-token')))
    return refuse(403, 'AccessDenied', 'Only short-lived credentials pass: the session token is missing.')
  if (!PAYLOAD.test(one('x-amz-content-sha256')))
    return refuse(
      403,
      'AccessDenied',
      'Streaming payloads do not pass: set request_checksum_calculation = when_required (docs/guide/s3.md).'
    )
  for (const name of ['host', 'x-amz-content-sha256', 'x-amz-security-token'])
    if (!signed.includes(name)) return refuse(403, 'AccessDenied', `The header ${name} is not signed.`)
  for (const [name, value] of Object.entries(headers)) {
    if (/aws-chunked/i.test(String(value)) && name === 'content-encoding')
      return refuse(403, 'AccessDenied', 'Streaming payloads do not pass.')
    const known = travels(name) && (name !== 'x-amz-acl' || value === 'private')
    if (!known && (/^x-(amz|minio)-/.test(name) || signed.includes(name)))
      return refuse(403, 'AccessDenied', `The header ${name.slice(0, 60)} does not pass.`)
  }
  return null
}

function refuseAddress(method: string, path: string, query: string): MachineRefusal | null {
  const [, bucket = '', ...rest] = path.split('/')
  if (bucket !== DROPS) return refuse(404, 'NoSuchBucket', `There is ${DROPS} here and nothing else.`)
  const key = plainPath(rest.join('/'))
  if (key === null) return refuse(400, 'InvalidRequest', 'This is not the key of an object.')
  if (key !== '' && !OWN.test(key)) return refuse(403, 'AccessDenied', 'This key lies outside your prefix.')
  const parameters = parametersOf(query)
  if (!parameters) return refuse(400, 'InvalidRequest', 'A parameter comes twice.')
  const operation = OPERATIONS.find(
    (one) =>
      one.method === method &&
      (one.on === 'object') === (key !== '') &&
      one.with.every((name) => parameters.has(name)) &&
      [...parameters.keys()].every((name) => name === 'x-id' || [...one.with, ...one.may].includes(name))
  )
  if (!operation) return refuse(403, 'AccessDenied', 'Files are put here and looked at; nothing else passes.')
  const prefix = parameters.get('prefix')
  if (prefix !== undefined && !OWN.test(prefix))
    return refuse(403, 'AccessDenied', 'This prefix lies outside yours.')
  return null
}

/** The key that a path means; null when it climbs, or is written so that two programs could read it in two ways. */
function plainPath(raw: string): string | null {
  let key: string
  try {
    key = decodeURIComponent(raw)
  } catch {
    return null
  }
  const parts = key.split('/')
  const climbs = parts.some(
    (part, index) => part === '.' || part === '..' || (part === '' && index < parts.length - 1)
  )
  return climbs || /[\\\u0000-\u001f\u007f]/.test(key) || key.length > 1024 ? null : key
}

/** By lower-case names; null when one comes twice. */
function parametersOf(query: string): Map<string, string> | null {
  const found = new Map<string, string>()
  for (const [name, value] of new URLSearchParams(query)) {
    const key = name.toLowerCase()
    if (found.has(key)) return null
    found.set(key, value)
  }
  return found
}

function refuseSize(method: string, headers: Headers): MachineRefusal | null {
  if (method !== 'PUT' && method !== 'POST') return null
  const length = headers['content-length']
  if (method === 'PUT' && !/^\d+$/.test(String(length ?? '')))
    return refuse(411, 'MissingContentLength', 'The length has to be said first.')
  const most = method === 'PUT' ? PUT_LIMIT : POST_LIMIT
  return Number(length ?? 0) > most
    ? refuse(413, 'EntityTooLarge', `At most ${most} bytes in one request.`)
    : null
}

/** The headers that travel on to the store, as names and values in turn. */
export function machineRequestHeaders(raw: string[]): string[] {
  const kept: string[] = []
  for (let i = 0; i < raw.length; i += 2)
    if (travels((raw[i] ?? '').toLowerCase())) kept.push(raw[i] ?? '', raw[i + 1] ?? '')
  return kept
}

const ANSWER =
  /^(accept-ranges|cache-control|content-(encoding|length|type|language)|date|etag|last-modified|x-amz-.+)$/

/** The headers of the store's answer that a tool gets, and what keeps a browser from making anything of it. */
export function machineAnswerHeaders(raw: string[]): string[] {
  const kept: string[] = []
  for (let i = 0; i < raw.length; i += 2)
    if (ANSWER.test((raw[i] ?? '').toLowerCase())) kept.push(raw[i] ?? '', raw[i + 1] ?? '')
  return [
    ...kept,
    ...['X-Content-Type-Options', 'nosniff'],
    ...['Content-Security-Policy', "sandbox; default-src 'none'; frame-ancestors 'none'"]
  ]
}
