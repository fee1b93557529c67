/**
 * That somebody of the firm sees as a client while a request is answered. It goes along with the call, so that no act can
 * forget it: the audit log names who looked, and with whose eyes.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Seeing } from './auth/caller.ts'
import type { Act } from './db/audit.ts'

const hand = new AsyncLocalStorage<Seeing & { id: string }>()

export const withSeeing = <T>(seeing: Seeing & { id: string }, work: () => Promise<T>): Promise<T> =>
  hand.run(seeing, work)

/** An act as the log has it: done by who looks, not by the look. */
export function asSeen(act: Act): Act {
  const seeing = hand.getStore()
  if (!seeing || act.actor_id !== seeing.id) return act
  return { ...act, actor_id: seeing.by, facts: { ...act.facts, seen_as: seeing.as.id } }
}
