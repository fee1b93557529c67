/** Passwords: argon2id at rest, the same work for an account that does not exist, and a plain no to the common ones. */
import { hash, verify } from '@node-rs/argon2'
import { Problem } from '../problem.ts'

/** OWASP's second recommendation for argon2id: 19 MiB, two passes, one lane (`algorithm` is argon2id by default). */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

/** The hash of a password that nobody knows, with the same cost: guessing at a missing account takes as long. */
const NOBODYS =
  '$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5a25vd3N0aGlz$Qm7tDp0kF1mLkVwVb0mH2u8oHqXx0oG2m3yQm9m7l3E'

/** The same text typed on two machines is the same password (NIST SP 800-63B section 3.1.1.2). */
const bytesOf = (password: string) => Buffer.from(password.normalize('NFKC'))

/** An argon2id PHC string. */
export const hashPassword = (password: string): Promise<string> => hash(bytesOf(password), COST)

/** Whether the password is the one of the hash. With null it works as long and says no. */
export async function passwordMatches(stored: string | null, password: string): Promise<boolean> {
  const matches = await verify(stored ?? NOBODYS, bytesOf(password))
  return matches && stored !== null
}

type Checker = { check: (password: string, inputs?: (string | number)[]) => { score: number } }
let checker: Promise<Checker> | undefined

/** Loaded when the first password is chosen: the lists cost 80 ms and 15 MB, which no other call should pay. */
const theChecker = (): Promise<Checker> =>
  (checker ??= (async () => {
    const [{ ZxcvbnFactory }, common] = await Promise.all([
      import('@zxcvbn-ts/core'),
      import('@zxcvbn-ts/language-common')
    ])
    return new ZxcvbnFactory({ dictionary: common.dictionary, graphs: common.adjacencyGraphs })
  })())

/** zxcvbn's scale ends at 4; from 3 on a guesser needs 10^8 tries and more. */
const ENOUGH = 3

/**
 * Refuses a password that a guesser would try early.
 *
 * @param own what such a guesser knows of the person: name, address, the firm's name
 * @throws Problem invalid_request, field `password`, code `too_weak`
 */
export async function requireStrongPassword(password: string, own: string[]): Promise<void> {
  const inputs = own.flatMap((text) => [text, ...text.split(/[\s@._-]+/)]).filter((text) => text.length > 2)
  if ((await theChecker()).check(password, inputs).score >= ENOUGH) return
  throw new Problem('invalid_request', 'The password is easy to guess.', {
    errors: [{ field: 'password', code: 'too_weak', detail: 'This password is easy to guess.' }]
  })
}
