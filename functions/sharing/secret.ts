/** The one door that asks for a link's secret. */
import { notFound } from '../_shared/problem.ts'
import { limits } from './database.ts'
import { findLink } from './visits.ts'

/** A right secret costs nothing: real visitors behind one address do not lock each other out. Throws `not_found`. */
export async function requireSecret(id: string, secret: string, address: string) {
  const tries = [{ limit: 'link', key: address }] as const
  await limits.spend([...tries])
  const link = await findLink(id, secret)
  if (!link) throw notFound()
  await limits.giveBack([...tries])
  return link
}
