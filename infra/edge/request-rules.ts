/** What is true of every request that comes in, whichever way it then goes. Pure. */

/** Names that only we may use, and ones that proxies before us may have set for themselves. */
const OURS =
  /^(x-portico-|x-forwarded-|x-real-ip$|forwarded$|x-call-id$|x-callback-url$|x-function-|traceparent$|tracestate$|baggage$)/

/** Whether a header from outside ends here (lower-case name). */
export const endsAtEdge = (name: string): boolean => OURS.test(name)

const OPTIONS_OF_CONNECTION = new Set(['close', 'keep-alive', 'te', 'upgrade', ''])

/** Whether a `Connection` names nothing but what browsers and proxies say there: no other header may be made to vanish. */
export const isPlainConnection = (connection: string | undefined): boolean =>
  (connection ?? '').split(',').every((option) => OPTIONS_OF_CONNECTION.has(option.trim().toLowerCase()))

/**
 * The API call that a path means, `/function/NAME/…` for the gateway, or null when it is none that people may make.
 *
 * @param url path and query, beginning with /api/v1/
 */
export function functionPath(url: string, is_public: (name: string) => boolean): string | null {
  const match = /^\/api\/v1\/([a-z][a-z0-9-]*)((?:\/[^?]*)?)(\?.*)?$/.exec(url)
  if (!match) return null
  const [, name = '', path = '', query = ''] = match
  if (!is_public(name)) return null
  // Health and readiness are the gateway's business.
  if (/^\/_(\/|$)/.test(path)) return null
  // A path that climbs would reach another function than the one whose name was looked at.
  if (path.split('/').some((segment) => /^(\.|%2e){1,2}$/i.test(segment)) || /[\\]|%5c|%2f|%00/i.test(path))
    return null
  return `/function/${name}${path}${query}`
}

/**
 * The address of the person's machine.
 *
 * @param peer of the connection
 * @param forwarded X-Forwarded-For as it came
 * @param is_trusted whether a peer is a proxy of ours: then its last entry counts, as the one that the proxy wrote itself
 */
export function clientAddress(
  peer: string | undefined,
  forwarded: string | undefined,
  is_trusted: (address: string) => boolean
): string {
  const address = plainAddress(peer ?? '')
  if (!is_trusted(address) || !forwarded) return address || 'unknown'
  const last = plainAddress(forwarded.split(',').at(-1)?.trim() ?? '')
  return /^[0-9a-f.:]{2,45}$/i.test(last) ? last : address
}

/** IPv4 without its IPv6 clothes. */
export const plainAddress = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '')

export const isLoopback = (address: string): boolean => address === '::1' || address.startsWith('127.')
