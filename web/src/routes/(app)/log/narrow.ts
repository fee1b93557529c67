/** The log's filters as they stand in the address, and as the API takes them. Pure. */
import { instantOf } from '../../../lib/project/zone.ts'

const DAY_MS = 86_400_000

/** What the page's form puts into its address; days as people write them in `zone`, the last one included. */
export function narrowed(address: URLSearchParams, zone: string): URLSearchParams {
  const query = new URLSearchParams()
  for (const name of ['person_id', 'project_id', 'group']) {
    const value = address.get(name)
    if (value) query.set(name, value)
  }
  const from = midnight(address.get('from'), zone, 0)
  const until = midnight(address.get('until'), zone, DAY_MS)
  if (from) query.set('from', from)
  if (until) query.set('until', until)
  return query
}

/** The start of a day, or of the day after it. What is no day does not narrow anything. */
function midnight(day: string | null, zone: string, later_ms: number): string | null {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(day ?? '') ? Date.parse(`${day}T00:00Z`) : Number.NaN
  if (Number.isNaN(at)) return null
  return instantOf(new Date(at + later_ms).toISOString().slice(0, 16), zone)
}
