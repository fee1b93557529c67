/** Who is told of what, and when mail about it is due. Pure. */
import type { Action } from '../contract/activity.ts'
import type { Pace } from '../contract/notice.ts'

/** The acts that concern others: a document that can be opened now or was released for the client, access that was given, a comment, the wish to renew a link, a ZIP. */
export const TOLD: readonly Action[] = [
  'version.ready',
  'version.not_previewed',
  'version.shown',
  'grant.given',
  'comment.written',
  'link.renewal_asked',
  'guest.ending',
  'lock.coming',
  'guest.without_sponsor',
  'archive.ready',
  'archive.failed',
  'automation.ran'
]

/** Seconds that mail "at once" waits, so that what comes together is one mail. */
export const GATHER_SECONDS = 120
/** The hour of daily and weekly mail, where the person is. */
const MORNING = 8
const MONDAY = 1

/**
 * When what happened at `at` is due by mail; null: never. Windows are the person's own: an hour ends at its full hour, a
 * day at 08:00 on their clock, a week on Monday at 08:00, also where a clock is set forward or back in between.
 *
 * @param zone an IANA name. Throws RangeError on one that does not exist
 */
export function mailDue(pace: Pace, at: Date, zone: string): Date | null {
  if (pace === 'off') return null
  if (pace === 'at_once') return new Date(at.getTime() + GATHER_SECONDS * 1000)
  const now = Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(zone)
  if (pace === 'hourly')
    return instant(now.round({ smallestUnit: 'hour', roundingMode: 'floor' }).add({ hours: 1 }))
  let day = now.toPlainDate()
  if (morning(day, zone).epochMilliseconds <= at.getTime()) day = day.add({ days: 1 })
  if (pace === 'weekly') day = day.add({ days: (7 + MONDAY - day.dayOfWeek) % 7 })
  return instant(morning(day, zone))
}

const morning = (day: Temporal.PlainDate, zone: string): Temporal.ZonedDateTime =>
  day.toZonedDateTime({ timeZone: zone, plainTime: Temporal.PlainTime.from({ hour: MORNING }) })

const instant = (time: Temporal.ZonedDateTime): Date => new Date(time.epochMilliseconds)

/** Seconds. */
const HOUR = 3_600
const DAY = 24 * HOUR
/** How long a mail server may be away before a mail is given up. */
export const MAIL_PATIENCE = 72 * HOUR

/**
 * When a mail that the server did not take is tried again, in seconds; null: never. At first as the server's answer asks,
 * then ever more rarely. After a day tries count (0004_pipeline.sql) and there are twelve: they have to last two days.
 *
 * @param age seconds since the mail was to go out
 */
export function mailRetry(age: number, asked: number): number | null {
  if (age >= MAIL_PATIENCE) return null
  if (age >= DAY - HOUR) return 4.5 * HOUR
  return Math.min(HOUR, Math.max(asked, age / 8))
}
