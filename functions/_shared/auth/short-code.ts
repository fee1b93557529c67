/**
 * Codes that people read in a mail, on a telephone or hear from somebody, and type: short, so argon2id at rest (ASVS 5.0
 * 6.5.2), a few tries, and soon over.
 */
import { hashPassword, passwordMatches } from './password.ts'
import { plainCode, randomCode } from './recovery-code.ts'

/** Letters: 40 bits in a message that is good for ten minutes and five tries; 60 bits in what an administrator says. */
const LENGTH = { sent: 8, said: 12 } as const

export const SENT_CODE_MINUTES = 10

/** A new code, and what is kept of it. */
export async function newShortCode(how: keyof typeof LENGTH): Promise<{ code: string; hash: string }> {
  const code = randomCode(LENGTH[how])
  return { code, hash: await hashPassword(plainCode(code)) }
}

/** With null it works as long and says no. */
export const shortCodeMatches = (hash: string | null, typed: string): Promise<boolean> =>
  passwordMatches(hash, plainCode(typed))
