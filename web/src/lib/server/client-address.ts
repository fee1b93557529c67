/** Whose machine asks: what edge says, when it proves that it is edge; else the peer of the connection. */
import type { RequestEvent } from '@sveltejs/kit'
import { timingSafeEqual } from 'node:crypto'
import { secret } from './secret.ts'

/** Whether edge passed the request on: then what it says of it is true. */
export function isFromEdge(event: RequestEvent): boolean {
  const given = Buffer.from(event.request.headers.get('x-portico-edge-token') ?? '')
  const expected = Buffer.from(secret('edge-token'))
  return given.length === expected.length && timingSafeEqual(given, expected)
}

export function clientAddress(event: RequestEvent): string {
  return (
    (isFromEdge(event) && event.request.headers.get('x-portico-client-address')) || event.getClientAddress()
  )
}
