/** Who must have a second factor, and what may become of it. Pure. */

export type FactorFacts = { app: boolean; passkeys: number }

export const countFactors = (facts: FactorFacts): number => (facts.app ? 1 : 0) + facts.passkeys

/** The last one stays while one is asked for: without it there is no way in but through an administrator. */
export const mayRemoveFactor = (facts: FactorFacts, required: boolean): boolean =>
  countFactors(facts) > (required ? 1 : 0)

/**
 * Who may set a factor up: whoever has shown all that they owe, or has nothing to show yet. With the password alone
 * nobody adds a factor beside those that are there.
 */
export const maySetUpFactor = (caller: { factors: number; has_second_factor: boolean }): boolean =>
  caller.factors > 1 || !caller.has_second_factor
