/**
 * Recovery codes: 120 random bits each, so that a plain hash is enough at rest (ASVS 5.0 6.5.2 asks for 112). argon2id
 * would cost a guesser nothing that 2^120 does not, and its ten hashes would hold a processor for a second.
 */
import { createHash, randomBytes } from 'node:crypto'

/** Crockford's base32: no I, L, O, U, which are taken for others. */
const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const LENGTH = 24
const GROUP = /.{4}/g

export const RECOVERY_CODES = 10

/** Random letters, five bits each, as people read them: in groups of four. */
export function randomCode(length: number): string {
  // 32 letters divide 256: each is as likely as another.
  const code = Array.from(randomBytes(length), (byte) => LETTERS[byte % 32]).join('')
  return code.match(GROUP)?.join('-') ?? code
}

/** Ten codes of six groups. */
export const newRecoveryCodes = (): string[] =>
  Array.from({ length: RECOVERY_CODES }, () => randomCode(LENGTH))

/** What is kept. Without the person's id one guess would be tried against everybody's codes at once. */
export const hashRecoveryCode = (personId: string, code: string): Buffer =>
  createHash('sha256')
    .update(`${personId}:${plainCode(code)}`)
    .digest()

/** As typed from paper: lower case, other dashes, O for zero, I and L for one. */
export const plainCode = (typed: string): string =>
  typed
    .toUpperCase()
    .replace(/[^0-9A-Z]/g, '')
    .replace(/O/g, '0')
    .replace(/[IL]/g, '1')
