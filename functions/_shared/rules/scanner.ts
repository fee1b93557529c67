/** What is to be thought of a scanner by what it says of itself. Pure. */
import type { Scanner } from '../contract/job.ts'

const DAY = 86_400_000

/**
 * Whether its signatures are of use: not older than so many days. One that cannot say when they were made has no
 * database of its maker's, and counts as out of date.
 *
 * @param max_age_days 0: it is not asked how old they are
 */
export function isUpToDate(scanner: Scanner, max_age_days: number, now: Date): boolean {
  if (max_age_days === 0) return true
  return scanner.dated_at !== null && now.getTime() - Date.parse(scanner.dated_at) <= max_age_days * DAY
}
