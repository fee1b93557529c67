/**
 * The API key of the request that is being answered. It goes along with the call instead of being passed on, so that no
 * query and no act can forget it: db/ narrows to its project, the audit log names it.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { AnyScope } from './contract/api-key.ts'

export type KeyInHand = {
  id: string
  scopes: AnyScope[]
  /** null: whatever the person may see. */
  project_id: string | null
}

const hand = new AsyncLocalStorage<KeyInHand>()

/** Does the work with the key in hand. */
export const withKey = <T>(key: KeyInHand, work: () => Promise<T>): Promise<T> => hand.run(key, work)

/** null: a person at a browser, or the portal itself. */
export const keyInHand = (): KeyInHand | null => hand.getStore() ?? null

/** Whether what belongs to a project (null: to the firm) lies within the key. Always without one. */
export function keyReaches(project_id: string | null): boolean {
  const limit = keyInHand()?.project_id ?? null
  return limit === null || limit === project_id?.toLowerCase()
}
