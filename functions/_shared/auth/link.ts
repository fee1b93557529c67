/** One-time links: the locator in the path, 256 bit of secret in the fragment, SHA-256 at rest (design §8.2). */
import { createHash, hkdfSync, randomBytes } from 'node:crypto'
import { config } from '../config.ts'

export type LinkPurpose = 'setup' | 'invitation' | 'reset' | 'email' | 'email-undo' | 'l'

/** An invitation waits this long. */
export const INVITATION_DAYS = 7

/** A secret and what is kept of it; `request`: what is kept of the key that it came with. */
export type LinkSecret = { secret: string; hash: Buffer; request: Buffer | null }

export function newLinkSecret(): LinkSecret {
  const secret = randomBytes(32).toString('base64url')
  return { secret, hash: hashLinkSecret(secret), request: null }
}

/**
 * The secret of a request that may come again when its answer got lost: the same for the same session, key and request
 * (HKDF with SHA-256, RFC 5869). The token is 256 bit of chance and the portal keeps its hash alone: nobody else, the portal
 * included, can say the secret later.
 */
export function repeatableLinkSecret(session_token: string, key: string, request: string): LinkSecret {
  const text = madeOf('link', [key, request]).toString('base64url')
  return { secret: text, hash: hashLinkSecret(text), request: madeOf('link key', [key]) }

  function madeOf(what: string, words: string[]): Buffer {
    const about = createHash('sha256').update(JSON.stringify(words)).digest('hex')
    return Buffer.from(hkdfSync('sha256', session_token, '', `portico ${what} ${about}`, 32))
  }
}

export const hashLinkSecret = (secret: string): Buffer => createHash('sha256').update(secret).digest()

/** The page that the link opens; always under the configured origin, never under what a request says. */
export const linkUrl = (purpose: LinkPurpose, id: string, secret: string): string =>
  `${config.origin}/${purpose}/${id}#${secret}`
