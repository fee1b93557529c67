/** One-time links: the locator in the path, 256 bit of secret in the fragment, SHA-256 at rest (design §8.2). */
import { createHash, randomBytes } from 'node:crypto'
import { config } from '../config.ts'

export type LinkPurpose = 'setup' | 'invitation' | 'reset' | 'email' | 'email-undo' | 'l'

/** An invitation waits this long. */
export const INVITATION_DAYS = 7

/** A new secret and what is kept of it. */
export function newLinkSecret(): { secret: string; hash: Buffer } {
  const secret = randomBytes(32).toString('base64url')
  return { secret, hash: hashLinkSecret(secret) }
}

export const hashLinkSecret = (secret: string): Buffer => createHash('sha256').update(secret).digest()

/** The page that the link opens; always under the configured origin, never under what a request says. */
export const linkUrl = (purpose: LinkPurpose, id: string, secret: string): string =>
  `${config.origin}/${purpose}/${id}#${secret}`
