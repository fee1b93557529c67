/** The one door that asks for a link's secret. */
import { notFound } from '../_shared/problem.ts'
import { limits } from './database.ts'
import { findLink } from './visits.ts'

/**
 * Whoever has the secret (256 bit, which nobody guesses) is never held up, not even behind an address from which somebody
 * guesses. Wrong ones are counted. Throws `not_found`.
 */
export async function requireSecret(id: string, secret: string, address: string) {
  const link = await findLink(id, secret)
  if (link) return link
  await limits.spend([{ limit: 'link', key: address }])
  throw notFound()
}
