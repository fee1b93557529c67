/** What the second door's routes share: who stands before it, how often they may try, and how it says no. */
import type { Context } from 'hono'
import { requireProofOf } from '../_shared/auth/proof.ts'
import { type Caller, findCaller, requireOwnEyes } from '../_shared/auth/session.ts'
import { type Try, isLimited } from '../_shared/limits.ts'
import { Problem, type ProblemCode } from '../_shared/problem.ts'
import { countFactors, mayRemoveFactor, maySetUpFactor } from '../_shared/rules/factor.ts'
import { database, limits } from './database.ts'
import { recordFailure } from './failures.ts'
import { clientOf } from './session.ts'

/** Counts a try; one too many is written down as well: whoever guesses on leaves a trace. */
export async function spendTries(c: Context, caller: Caller): Promise<void> {
  await limits.spend(triesOf(caller)).catch(async (error: unknown) => {
    if (isLimited(error)) await recordFailure(c, 'limited', caller.id)
    throw error
  })
}

/** After a success. */
export const forgetTries = (caller: Caller): Promise<void> => limits.forget(triesOf(caller))

const triesOf = (caller: Caller): Try[] => [
  { limit: 'second_factor', key: caller.id },
  { limit: 'second_factor_hour', key: caller.id }
]

/** Somebody who has shown the password and still owes the second factor. */
export async function requireHalfIn(c: Context): Promise<Caller> {
  const caller = await requireSomebody(c)
  if (caller.factors > 1) throw new Problem('conflict', 'Both factors have been shown.')
  return caller
}

/** Somebody who may set a factor up now. */
export async function requireSettingUp(c: Context): Promise<Caller> {
  const caller = await requireSomebody(c)
  requireOwnEyes(caller)
  if (!maySetUpFactor(caller)) throw alreadySetUp()
  if (caller.factors > 1) requireProofOf(caller)
  return caller
}

async function requireSomebody(c: Context): Promise<Caller> {
  const caller = await findCaller(c, database)
  if (!caller) throw new Problem('not_signed_in', 'Please sign in.')
  return caller
}

export const alreadySetUp = () => new Problem('conflict', 'The second factor is set up already.')

/** What is wrong and what was used before are the same to whoever shows it. */
export async function refuseFactor(c: Context, caller: Caller, code: ProblemCode): Promise<never> {
  await database.transaction([], async (_session, acts) => {
    acts.push({ action: 'second_factor.failed', actor_id: caller.id, detail: clientOf(c) })
  })
  throw new Problem(code, 'This is wrong or was used before.')
}

type Factors = { app_set_up_at: string | null; passkeys: number }
const factsOf = (factors: Factors) => ({ app: factors.app_set_up_at !== null, passkeys: factors.passkeys })

/** As requireSettingUp, once the factors are locked: somebody may have been faster. Throws Problem conflict. */
export function requireStillSettingUp(caller: Caller, factors: Factors): void {
  if (!maySetUpFactor({ ...caller, has_second_factor: countFactors(factsOf(factors)) > 0 }))
    throw alreadySetUp()
}

/** @throws Problem last_factor */
export function requireNotTheLast(factors: Factors): void {
  if (!mayRemoveFactor(factsOf(factors), true))
    throw new Problem('last_factor', 'Without it there would be no second factor any more.')
}
