/** Whose link it is: of its maker, of whoever stands in for them, and of whoever manages all that it shares. */
import type { Caller } from '../_shared/auth/session.ts'
import { decide, reaches } from '../_shared/db/access.ts'
import { Problem, notFound } from '../_shared/problem.ts'
import { database } from './database.ts'
import { ownerOf, standsInForMaker, thingsOf } from './links.ts'

/** `stead`: whose place gives it to a deputy, who holds less of what it shares; null: their own. */
type Owned = { project_id: string; stead: string | null }

/**
 * A link's project. Throws `not_found` for everybody else: to them it is not there.
 *
 * @param act opening is as making: the maker too must still manage all of it. Looking at it and ending it are always theirs,
 *   and of whoever stands in for them.
 */
export async function requireOwn(caller: Caller, id: string, act: 'end' | 'open'): Promise<Owned> {
  const owner = await ownerOf(database.pool, id)
  if (!owner) throw notFound()
  const { made_by, project_id } = owner
  const stands_in =
    caller.stands_in.some((absent) => absent.id === made_by) &&
    (await standsInForMaker(database.pool, caller.id, id))
  const isMaker = made_by === caller.id || stands_in
  if (isMaker && act !== 'open') return { project_id, stead: stands_in ? made_by : null }
  const things = await thingsOf(database.pool, id)
  if (things.length === 0) throw notFound()
  for (const thing of things) {
    const decision = await decide(database.pool, caller, thing)
    if (decision && reaches(decision.level, 'manage')) continue
    throw isMaker ? new Problem('forbidden', 'You no longer manage what this link shares.') : notFound()
  }
  return { project_id, stead: null }
}
