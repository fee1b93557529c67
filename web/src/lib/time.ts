/** Times as people say them, in their language and zone. Pure: `now` comes from outside. */

const STEPS: [unit: Intl.RelativeTimeFormatUnit, seconds: number][] = [
  ['minute', 60],
  ['hour', 3_600],
  ['day', 86_400]
]

/** "vor 3 Minuten", "gestern"; from a week on the date. Short: "vor 3 Min.". */
export function relativeTime(
  at: string,
  now: number,
  locale: string,
  time_zone: string,
  style: 'long' | 'short' = 'long'
): string {
  const seconds = (new Date(at).getTime() - now) / 1000
  const size = Math.abs(seconds)
  if (size >= 7 * 86_400) return dayOf(at, now, locale, time_zone)
  const format = new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style })
  if (size < 60) return format.format(0, 'second')
  const [unit, length] = STEPS.findLast(([, step]) => size >= step) ?? ['minute', 60]
  return format.format(Math.trunc(seconds / length), unit)
}

/** "12. Nov." this year, "12. Nov. 2025" before. */
export function dayOf(at: string, now: number, locale: string, time_zone: string): string {
  const date = new Date(at)
  const same = date.getFullYear() === new Date(now).getFullYear()
  const year = same ? undefined : 'numeric'
  return new Intl.DateTimeFormat(locale, {
    day: 'numeric',
    month: 'short',
    year,
    timeZone: time_zone
  }).format(date)
}

/** "22. Nov. 2026, 23:05 MEZ". */
export function exactTime(at: string, locale: string, time_zone: string): string {
  return new Intl.DateTimeFormat(locale, {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'short',
    timeZone: time_zone
  }).format(new Date(at))
}
