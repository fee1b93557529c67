/** The same measure as the functions' (functions/_shared/auth/password.ts), so that the bar and the answer agree. */
import { ZxcvbnFactory } from '@zxcvbn-ts/core'
import { adjacencyGraphs, dictionary } from '@zxcvbn-ts/language-common'

export type Strength = 'short' | 'weak' | 'good' | 'strong'

const zxcvbn = new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs })

const LEAST = 8
/** Tries that a guesser needs. */
const ENOUGH = 1e8
const PLENTY = 1e10

/** @param known what a guesser knows of the person: name, address, firm */
export function strengthOf(password: string, known: string[]): Strength {
  if ([...password].length < LEAST) return 'short'
  const inputs = known.flatMap((text) => [text, ...text.split(/[\s@._-]+/)]).filter((text) => text.length > 2)
  const { guesses } = zxcvbn.check(password.slice(0, 128), inputs)
  if (guesses < ENOUGH) return 'weak'
  return guesses < PLENTY ? 'good' : 'strong'
}
