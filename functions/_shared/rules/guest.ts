/** How long guests stay, and when their sponsor is reminded. Pure. */

const DAY = 86_400_000

/** Days before the end on which the sponsor is told, and the mark that it was done. */
export const REMINDERS = [
  { days: 14, mark: 1 },
  { days: 3, mark: 2 }
] as const

/** Whether a guest may stay until then: later than now, and within the firm's days. */
export function guestEnd(until: string, now: Date, days_max: number): 'fine' | 'past' | 'too_far' {
  const at = Date.parse(until)
  if (at <= now.getTime()) return 'past'
  // A minute of grace: the form was filled in a moment ago.
  return at > now.getTime() + days_max * DAY + 60_000 ? 'too_far' : 'fine'
}

/** The reminder that is due; null: none. Of two that fell due while nobody looked the nearer one is told. */
export function reminderDue(until: string, now: Date, reminded: number): (typeof REMINDERS)[number] | null {
  const left = Date.parse(until) - now.getTime()
  if (left <= 0) return null
  return REMINDERS.findLast((one) => left <= one.days * DAY && one.mark > reminded) ?? null
}
