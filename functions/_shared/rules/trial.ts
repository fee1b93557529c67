/** What is told of a trial: each moment at which something else is the case than before. Pure. */
import type { AccessTrial, TriedChange } from '../contract/access.ts'

type Moment = AccessTrial['moments'][number]
type When = { at: string | null; ending: boolean }

/**
 * Changes grouped by their moments, in order. A later moment that only repeats the one before it is left out, and so is
 * the grant's own end where saving brings it about at that very moment.
 */
export function momentsOf(
  changes: (When & { change: TriedChange })[],
  counts: (When & { people: number })[]
): Moment[] {
  const moments: Moment[] = []
  for (const { at, ending, change } of changes) {
    const last = moments.at(-1)
    if (last && last.at === at && last.ending === ending) last.changes.push(change)
    else {
      const count = counts.find((one) => one.at === at && one.ending === ending)
      moments.push({ at, ending, changes: [change], people: count?.people ?? 0 })
    }
  }
  return moments.filter((one, i) => {
    if (one.ending) return !moments.some((other) => !other.ending && other.at === one.at)
    const before = moments.slice(0, i).findLast((other) => !other.ending)
    return !before || JSON.stringify(before.changes) !== JSON.stringify(one.changes)
  })
}

/** Whether a grant with this end would still say anything. */
export const isOver = (valid_until: string | null, now: Date): boolean =>
  valid_until !== null && Date.parse(valid_until) <= now.getTime()
