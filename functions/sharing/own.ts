/** Whose link it is: of its maker, and of whoever manages all that it shares. */
import type { Caller } from '../_shared/auth/session.ts'
import { decide, reaches } from '../_shared/db/access.ts'
import { Problem, notFound } from '../_shared/problem.ts'
import { database } from './database.ts'
import { ownerOf, thingsOf } from './links.ts'

/**
 * A link's project. Throws `not_found` for everybody else: to them it is not there.
 *
 * @param act opening is as making: the maker too must still manage all of it. Looking at it and ending it are always theirs.
 */
export async function requireOwn(caller: Caller, id: string, act: 'end' | 'open'): Promise<string> {
  const owner = await ownerOf(database.pool, id)
  if (!owner) throw notFound()
  const isMaker = owner.made_by === caller.id
  if (isMaker && act !== 'open') return owner.project_id
  const things = await thingsOf(database.pool, id)
  if (things.length === 0) throw notFound()
  for (const thing of things) {
    const decision = await decide(database.pool, caller, thing)
    if (decision && reaches(decision.level, 'manage')) continue
    throw isMaker ? new Problem('forbidden', 'You no longer manage what this link shares.') : notFound()
  }
  return owner.project_id
}
