/**
 * Sensitive acts ask for a factor again once the last one was shown 15 minutes ago (ASVS 5.0 7.5.3): whoever finds an
 * open screen gives nothing away with it. Listed where the routes are, behind `requireCaller`.
 */
import type { MiddlewareHandler } from 'hono'
import { Problem } from '../problem.ts'
import type { Caller, CallerVariables } from './session.ts'

/** Throws `proof_needed`. An API key is asked for nothing: it cannot show more than it has. */
export const requireProof: MiddlewareHandler<{ Variables: CallerVariables }> = async (c, next) => {
  requireProofOf(c.get('caller'))
  await next()
}

/** The same for routes that others may call too. */
export function requireProofOf({ proof_due }: Pick<Caller, 'proof_due'>): void {
  if (proof_due) throw new Problem('proof_needed', 'Please show a factor again: POST /auth/prove.')
}
