/** Whose machine asks: what edge says, when it proves that it is edge; else the peer of the connection. */
import type { RequestEvent } from '@sveltejs/kit'
import { timingSafeEqual } from 'node:crypto'
import { secret } from './secret.ts'

export function clientAddress(event: RequestEvent): string {
  const given = Buffer.from(event.request.headers.get('x-portico-edge-token') ?? '')
  const expected = Buffer.from(secret('edge-token'))
  const fromEdge = given.length === expected.length && timingSafeEqual(given, expected)
  return (fromEdge && event.request.headers.get('x-portico-client-address')) || event.getClientAddress()
}
