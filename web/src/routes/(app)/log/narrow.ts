/** The log's filters as they stand in the address, and as the API takes them. Pure. */
import { midnight } from '../../../lib/project/zone.ts'

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
