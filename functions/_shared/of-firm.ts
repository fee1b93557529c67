/**
 * Whether the one who asks is of the firm, for the call that is being answered. It goes along with the call, so that no
 * query can forget it: db/ tells it to the second wall, which keeps versions that wait for their release from everybody else.
 */
import { AsyncLocalStorage } from 'node:async_hooks'

const hand = new AsyncLocalStorage<boolean>()

export const withOfFirm = <T>(of_firm: boolean, work: () => Promise<T>): Promise<T> => hand.run(of_firm, work)

/** False for clients, guests, visitors of links, and for whoever sees as one of these. */
export const isOfFirm = (): boolean => hand.getStore() ?? false
