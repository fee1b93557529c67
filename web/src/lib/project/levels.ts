/** Levels in the browser, without the schemas that bring zod along. A test of types holds it to the contract. */
import type { LEVELS as CONTRACT } from '#lib/contract.ts'

export const LEVELS: typeof CONTRACT = ['none', 'view', 'download', 'contribute', 'manage']
export const GIVEN = ['view', 'download', 'contribute', 'manage'] as const
