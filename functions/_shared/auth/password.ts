/** Passwords: argon2id at rest, the same work for an account that does not exist, and a plain no to the common ones. */
import { hash, verify } from '@node-rs/argon2'
import { Problem } from '../problem.ts'
import { leastLength, lengthOf } from '../rules/password.ts'

/** OWASP's second recommendation for argon2id: 19 MiB, two passes, one lane (`algorithm` is argon2id by default). */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

/** The hash of a password that nobody knows, with the same cost: guessing at a missing account takes as long. */
const NOBODYS =
  '$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5a25vd3N0aGlz$Qm7tDp0kF1mLkVwVb0mH2u8oHqXx0oG2m3yQm9m7l3E'

/** An argon2id PHC string of the password as it was received (ASVS 5.0 6.2.8). */
export const hashPassword = (password: string): Promise<string> => hash(Buffer.from(password), COST)

/**
 * Whether the password is the one of the hash, as it was received; else, where another keyboard may have typed the same
 * word in another form, in NFKC (NIST SP 800-63B section 3.1.1.2). With null it works as long and says no.
 */
export async function passwordMatches(stored: string | null, password: string): Promise<boolean> {
  for (const form of new Set([password, password.normalize('NFKC')]))
    if ((await verify(stored ?? NOBODYS, Buffer.from(form))) && stored !== null) return true
  return false
}

type Checker = {
  check: (password: string, inputs?: (string | number)[]) => { guesses: number }
  /** Passwords that were in breaches, most used first; lower case. */
  known: Set<unknown>
}
let checker: Promise<Checker> | undefined

/** Loaded when the first password is chosen: the lists cost 80 ms and 15 MB, which no other call should pay. */
const theChecker = (): Promise<Checker> =>
  (checker ??= (async () => {
    const [{ ZxcvbnFactory }, common] = await Promise.all([
      import('@zxcvbn-ts/core'),
      import('@zxcvbn-ts/language-common')
    ])
    const factory = new ZxcvbnFactory({ dictionary: common.dictionary, graphs: common.adjacencyGraphs })
    return {
      check: (password, inputs) => factory.check(password, inputs),
      known: new Set(common.dictionary['passwords-common'])
    }
  })())

/** Tries. zxcvbn's own step to its score of 3 lies a hair above, where eight letters by chance do not come. */
const ENOUGH = 1e8

/**
 * Refuses a password that is too short, was in a breach, or would be tried early by a guesser.
 *
 * @param own what such a guesser knows of the person: name, address, the firm's name
 * @param person whether a second factor stands behind the password, or will before they get in
 * @param field the request's, for the error
 * @throws Problem invalid_request, code `too_short` or `too_weak`
 */
export async function requireStrongPassword(
  password: string,
  own: string[],
  person: { second_factor: boolean },
  field = 'password'
): Promise<void> {
  const refuse = (code: string, detail: string) =>
    new Problem('invalid_request', detail, { errors: [{ field, code, detail }] })
  const least = leastLength(person)
  if (lengthOf(password) < least)
    throw refuse('too_short', `Without a second factor at least ${least} characters.`)
  const { check, known } = await theChecker()
  const inputs = own.flatMap((text) => [text, ...text.split(/[\s@._-]+/)]).filter((text) => text.length > 2)
  // The list by itself as well: in mixed case zxcvbn takes some of its words for good ones.
  const common = known.has(password.normalize('NFKC').toLowerCase())
  if (common || check(password, inputs).guesses < ENOUGH)
    throw refuse('too_weak', 'This password is easy to guess or known from breaches.')
}
