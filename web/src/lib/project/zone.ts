/** Times that people type, in their own zone. Pure. */

/** Minutes that `zone` is ahead of UTC at an instant. */
function offset(at: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric'
  }).formatToParts(at)
  const part = (type: string) => Number(parts.find((one) => one.type === type)?.value)
  const wall = Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour'),
    part('minute'),
    part('second')
  )
  return Math.round((wall - at) / 60_000)
}

/**
 * The instant (ISO, UTC) of "2026-12-04T18:00" on a clock in `zone`; null when it is no such text. An hour that a
 * change of the clocks leaves out counts by the time before it, one that comes twice is the first.
 */
export function instantOf(local: string, zone: string): string | null {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/.test(local)) return null
  const wall = Date.parse(`${local.slice(0, 16)}:00Z`)
  if (Number.isNaN(wall)) return null
  const candidates = [offset(wall - 86_400_000, zone), offset(wall + 86_400_000, zone)].map(
    (m) => wall - m * 60_000
  )
  const fitting = candidates.find((at) => at + offset(at, zone) * 60_000 === wall)
  return new Date(fitting ?? candidates[0] ?? wall).toISOString()
}

/** The start of a day, or of the day after it. What is no day does not narrow anything. */
export function midnight(day: string | null, zone: string, later_ms: number): string | null {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(day ?? '') ? Date.parse(`${day}T00:00Z`) : Number.NaN
  if (Number.isNaN(at)) return null
  return instantOf(new Date(at + later_ms).toISOString().slice(0, 16), zone)
}
