/** Whose machine asks. Apart from http.ts, which imports whoever asks for it. */
import type { Context } from 'hono'
import { secret } from './config.ts'
import { sameSecret } from './same-secret.ts'

/** The address of the person's machine: believed only from web and edge, else 'unknown'. */
export function clientAddress(c: Context): string {
  const token = c.req.header('x-portico-edge-token')
  if (!token || !sameSecret(token, secret('edge-token'))) return 'unknown'
  return c.req.header('x-portico-client-address') ?? 'unknown'
}
