import type { Holdings } from '#lib/contract.ts'
import * as m from '#lib/paraglide/messages.js'

/** What somebody holds that can go to somebody else, in words. */
export const heldLines = (holdings: Holdings): string[] =>
  [
    holdings.grants > 0 && m.hand_over_grants({ count: holdings.grants }),
    holdings.links > 0 && m.hand_over_links({ count: holdings.links }),
    holdings.groups.length > 0 && m.hand_over_groups({ names: holdings.groups.join(', ') }),
    holdings.clients.length > 0 && m.hand_over_clients({ names: holdings.clients.join(', ') }),
    holdings.guest_projects > 0 && m.hand_over_guests({ count: holdings.guest_projects }),
    holdings.employees > 0 && m.hand_over_employees({ count: holdings.employees })
  ].filter((line) => line !== false)
