/** What the second door's routes share: who stands before it, how often they may try, and how it says no. */
import type { Context } from 'hono'
import { requireProofOf } from '../_shared/auth/proof.ts'
import { type Caller, findCaller, requireOwnEyes } from '../_shared/auth/session.ts'
import { type Try, isLimited } from '../_shared/limits.ts'
import { Problem, type ProblemCode } from '../_shared/problem.ts'
import { type FactorFacts, countFactors, mayRemoveFactor, maySetUpFactor } from '../_shared/rules/factor.ts'
import { database, limits } from './database.ts'
import { deviceOf, isKnownDevice } from './device.ts'
import { recordFailure } from './failures.ts'
import type { Factors } from './passkeys.ts'
import { clientOf } from './session.ts'

/** Counts a try; one too many is written down as well: whoever guesses on leaves a trace. */
export async function spendTries(c: Context, caller: Caller): Promise<void> {
  await limits.spend(await triesOf(c, caller)).catch(async (error: unknown) => {
    if (isLimited(error)) await recordFailure(c, 'limited', caller.id)
    throw error
  })
}

/** After a success. */
export const forgetTries = async (c: Context, caller: Caller): Promise<void> =>
  limits.forget(await triesOf(c, caller))

/**
 * In a browser that they got in with before somebody has tries of their own: whoever knows the password and guesses at the
 * factor uses up what strangers have, never what the owner has.
 */
export async function ownBrowserKey(c: Context, caller: Caller): Promise<string> {
  const device = deviceOf(c)
  const own = await isKnownDevice(database.pool, device, caller.id)
  return own ? `${caller.id} ${device?.toString('hex') ?? ''}` : caller.id
}

async function triesOf(c: Context, caller: Caller): Promise<Try[]> {
  const key = await ownBrowserKey(c, caller)
  return [
    { limit: 'second_factor', key },
    { limit: 'second_factor_hour', key }
  ]
}

/**
 * Somebody who has shown the password and still owes the second factor.
 *
 * @param purpose `prove`: the other way round, somebody who is in and shows it again
 */
export async function requireHalfIn(c: Context, purpose: 'enter' | 'prove' = 'enter'): Promise<Caller> {
  const caller = await requireSomebody(c)
  if (purpose === 'prove') {
    requireOwnEyes(caller)
    if (caller.owes !== 'done') throw new Problem('second_factor_owed', 'The second factor is still owed.')
    return caller
  }
  if (caller.owes === 'done') throw new Problem('conflict', 'There is nothing more to be shown.')
  return caller
}

/**
 * Somebody who may set a factor up now.
 *
 * @param proof false: they only look at what there is to choose from
 */
export async function requireSettingUp(c: Context, proof = true): Promise<Caller> {
  const caller = await requireSomebody(c)
  requireOwnEyes(caller)
  if (!maySetUpFactor(caller)) throw alreadySetUp()
  if (proof && caller.owes === 'done') requireProofOf(caller)
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

const factsOf = ({ app_set_up_at, ...factors }: Factors): FactorFacts => ({
  ...factors,
  app: app_set_up_at !== null
})

/** As requireSettingUp, once the factors are locked: somebody may have been faster. Throws Problem conflict. */
export function requireStillSettingUp(caller: Caller, factors: Factors): void {
  if (!caller.has_second_factor && countFactors(factsOf(factors)) > 0) throw alreadySetUp()
}

/**
 * @param factors as they were before
 * @throws Problem last_factor
 */
export function requireNotTheLast(factors: Factors, removed: 'app' | 'passkey' | 'email' | 'sms'): void {
  const facts = factsOf(factors)
  const left =
    removed === 'passkey' ? { ...facts, passkeys: facts.passkeys - 1 } : { ...facts, [removed]: false }
  if (!mayRemoveFactor(left, factors.asked))
    throw new Problem('last_factor', 'Without it there would be no second factor any more.')
}
