/**
 * The one way out to other people's servers (design §8.6): the name is resolved first, addresses that are not the public
 * internet's are refused, and the connection goes to the very address that was looked at. A name that answers otherwise a
 * moment later (DNS rebinding) gains nothing. Redirects are not followed: the answer is the caller's to judge.
 */
import { lookup } from 'node:dns/promises'
import { type IncomingMessage, request as plain } from 'node:http'
import { request as secure } from 'node:https'
import { BlockList, type LookupFunction, isIP, isIPv4 } from 'node:net'
import { config } from './config.ts'

export type OutFailure = 'address_refused' | 'scheme_refused' | 'name_unknown' | 'no_answer' | 'too_large'

/** Why there is no answer. `message` is for the log: it names neither address nor path. */
export class OutgoingError extends Error {
  readonly failure: OutFailure

  constructor(failure: OutFailure, cause?: unknown) {
    super(`outgoing request: ${failure}`, { cause })
    this.name = 'OutgoingError'
    this.failure = failure
  }
}

export type Out = {
  method?: string
  headers?: Headers | Record<string, string> | [string, string][]
  body?: string | Uint8Array | URLSearchParams | null
  signal?: AbortSignal
  /** Milliseconds from the look-up to the answer's last byte. */
  patience?: number
  /** Bytes of the answer's body. */
  most?: number
}
export type FetchOut = (url: string | URL, out?: Out) => Promise<Response>

const PATIENCE = 10_000
const MOST = 1024 * 1024

type Address = { address: string; family: number }
type Resolve = (name: string) => Promise<Address[]>
const resolveAll: Resolve = (name) => lookup(name, { all: true })

/** Everything of IPv4 that IANA's special-purpose registry (RFC 6890) keeps from being reached globally, and multicast. */
const NOT_PUBLIC_4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3'
]
/** Of IPv6 only this is public (RFC 4291 section 2.4), but for what tunnels into IPv4 or stands in examples. */
const PUBLIC_6 = ['2000::/3']
const NOT_PUBLIC_6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']

/**
 * Ranges in CIDR or single addresses as one list.
 *
 * @throws TypeError for what is neither
 */
export function addressList(ranges: string[]): BlockList {
  const list = new BlockList()
  for (const range of ranges) {
    const [address = '', bits] = range.split('/')
    const version = isIP(address)
    const most = version === 4 ? 32 : 128
    const prefix = bits === undefined ? most : Number(bits)
    if (version === 0 || !Number.isInteger(prefix) || prefix < 0 || prefix > most)
      throw new TypeError(`${range} is not an address range`)
    list.addSubnet(address, prefix, version === 4 ? 'ipv4' : 'ipv6')
  }
  return list
}

const notPublic4 = addressList(NOT_PUBLIC_4)
const public6 = addressList(PUBLIC_6)
const notPublic6 = addressList(NOT_PUBLIC_6)

const isIn = (list: BlockList, address: string) => list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6')

/** Whether an address is one of the public internet. */
export const isPublic = (address: string): boolean =>
  isIPv4(address) ? !isIn(notPublic4, address) : isIn(public6, address) && !isIn(notPublic6, address)

/**
 * @param allow addresses that may be called although they are not public, by plain http too: a gateway in the firm's own
 *   network (OUTGOING_ALLOW)
 * @param resolve how names are looked up
 */
export function outgoing(allow: BlockList, resolve: Resolve = resolveAll): FetchOut {
  return async (target, out = {}) => {
    const url = new URL(target)
    const name = url.hostname.replace(/^\[(.*)\]$/, '$1')
    const patience = AbortSignal.timeout(out.patience ?? PATIENCE)
    const signal = out.signal ? AbortSignal.any([out.signal, patience]) : patience
    const addresses = await within(signal, addressesOf(name, resolve))
    const allowed = addresses.every(({ address }) => isIn(allow, address))
    // All of them: of two, the system would try the other one when the first does not answer.
    if (!allowed && !addresses.every(({ address }) => isPublic(address)))
      throw new OutgoingError('address_refused')
    if (url.protocol !== 'https:' && !(url.protocol === 'http:' && allowed))
      throw new OutgoingError('scheme_refused')
    return ask(url, addresses, out, signal)
  }
}

async function addressesOf(name: string, resolve: Resolve): Promise<Address[]> {
  const version = isIP(name)
  if (version !== 0) return [{ address: name, family: version }]
  const found = await resolve(name).catch((cause: unknown) => {
    throw new OutgoingError('name_unknown', cause)
  })
  if (found.length === 0) throw new OutgoingError('name_unknown')
  return found
}

/** A look-up cannot be stopped; nobody waits for it any longer. */
async function within<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const stop = () => reject(new OutgoingError('no_answer', signal.reason))
  signal.addEventListener('abort', stop, { once: true })
  return Promise.race([work, promise]).finally(() => signal.removeEventListener('abort', stop))
}

async function ask(url: URL, addresses: Address[], out: Out, signal: AbortSignal): Promise<Response> {
  const headers = new Headers(out.headers)
  const body = out.body instanceof URLSearchParams ? out.body.toString() : (out.body ?? null)
  if (out.body instanceof URLSearchParams && !headers.has('content-type'))
    headers.set('content-type', 'application/x-www-form-urlencoded;charset=UTF-8')
  const pinned: LookupFunction = (_name, options, done) => {
    const [first] = addresses
    if (options.all) done(null, addresses)
    else done(null, first?.address ?? '', first?.family)
  }
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  // No agent: a connection that is kept would be another caller's, to an address that nobody looked at for this call.
  const sent = (url.protocol === 'https:' ? secure : plain)(url, {
    method: out.method ?? 'GET',
    headers: Object.fromEntries(headers),
    agent: false,
    lookup: pinned,
    signal
  })
  sent.on('response', resolve)
  sent.on('error', reject)
  sent.end(body ?? undefined)
  try {
    const answer = await promise
    return responseOf(answer, await bodyOf(answer, out.most ?? MOST))
  } catch (cause) {
    sent.destroy()
    throw cause instanceof OutgoingError ? cause : new OutgoingError('no_answer', cause)
  }
}

async function bodyOf(answer: IncomingMessage, most: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of answer) {
    size += chunk.length
    if (size > most) throw new OutgoingError('too_large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** Statuses that come without a body (Fetch standard, "null body status"). */
const WITHOUT_BODY = new Set([204, 205, 304])

function responseOf(answer: IncomingMessage, body: Buffer): Response {
  const status = answer.statusCode ?? 502
  const headers = new Headers()
  for (let i = 0; i + 1 < answer.rawHeaders.length; i += 2)
    headers.append(answer.rawHeaders[i] ?? '', answer.rawHeaders[i + 1] ?? '')
  return new Response(WITHOUT_BODY.has(status) ? null : new Uint8Array(body), { status, headers })
}

/** As outgoing(), with what the configuration allows. */
export const fetchOut: FetchOut = (url, out) => outgoing(addressList(config.outgoing_allow))(url, out)
