/**
 * What each route of the API asks of whom, in the words of the rule. The matrix holds every answer against it; a route
 * that is not here fails the test.
 */
import type { Rule } from './asks.ts'
import { AUTOMATIONS } from './automations.ts'
import { DOCUMENTS } from './documents.ts'
import { DOORS } from './doors.ts'
import { FILES } from './files.ts'
import { OFFICE } from './office.ts'
import { SHARING } from './sharing.ts'
import { WEBHOOKS } from './webhooks.ts'

export const RULES: Record<string, Rule> = {
  ...DOCUMENTS,
  ...FILES,
  ...OFFICE,
  ...DOORS,
  ...SHARING,
  ...WEBHOOKS,
  ...AUTOMATIONS
}
