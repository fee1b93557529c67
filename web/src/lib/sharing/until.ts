/** The end of a link on a person's own clock. Pure. */
import { instantOf } from '../project/zone.ts'

const DAY = 86_400_000

/** What a clock in `zone` shows at an instant, as a datetime-local field wants it: "2026-12-04T18:00". */
export function wallClock(at: number, zone: string): string {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit'
  })
  const parts = Object.fromEntries(format.formatToParts(at).map((one) => [one.type, one.value]))
  return `${parts.year}-${parts.month}-${parts.day}T${parts.hour}:${parts.minute}`
}

/** The same time of day so many days on: calendar days, so a day on which clocks change has 23 or 25 hours. */
export function daysOn(now: number, days: number, zone: string): string {
  const [date = '', time = ''] = wallClock(now, zone).split('T')
  const then = new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY)
  return `${then.toISOString().slice(0, 10)}T${time}`
}

/** The last minute that a link made now may reach where it may last so many days, of 24 hours each as the portal counts. */
export const latestOf = (now: number, days_max: number, zone: string): string =>
  wallClock(now + days_max * DAY, zone)

/** The instant (ISO, UTC) of such a text; null when it is none. */
export const endOf = (local: string, zone: string): string | null => instantOf(local, zone)
