/**
 * That whoever asks stands in for somebody now. It goes along with the call, so that no act can forget it: the audit log
 * looks up in whose place it was done, and only for those who are somebody's deputy.
 */
import { AsyncLocalStorage } from 'node:async_hooks'

const hand = new AsyncLocalStorage<string>()

export const withDeputy = <T>(person_id: string, work: () => Promise<T>): Promise<T> =>
  hand.run(person_id, work)

/** The one who asks, where they are a deputy; null: they are nobody's, or nobody asks. */
export const deputyInHand = (): string | null => hand.getStore() ?? null
