/** The keys of job tokens. Apart from job-token.ts, which wants a function's configuration. */
import { hkdfSync } from 'node:crypto'

/**
 * The key of one function, its secret job-key-NAME. A function that reads strangers' bytes may fall: with its key nobody
 * calls another one. Whoever signs holds job-signing-key, of which all are made (HKDF, RFC 5869).
 */
export const jobKey = (master: Uint8Array, audience: string): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', master, '', `portico job ${audience}`, 32))
