/** A folder's order and filters as they stand in the page's address, and as the API takes them. Pure. */
import { KINDS, MARKS, ORIGINS, SORTS, STATES } from '../values.ts'
import { midnight } from './zone.ts'

/** SvelteKit's cannot be changed. */
type Address = Pick<URLSearchParams, 'get' | 'has'> & Iterable<[string, string]>

export type Sort = (typeof SORTS)[number]
const FILTERS = { kind: KINDS, from: ORIGINS, state: STATES, mark: MARKS } as const
const DAYS = ['since', 'until'] as const
export const PARTS = ['kind', 'from', 'state', 'mark', 'tag', 'since', 'until'] as const
export type Part = (typeof PARTS)[number]

const DAY_MS = 86_400_000

const oneOf = <T extends string>(list: readonly T[], value: string | null): T | null =>
  list.find((one) => one === value) ?? null

/** The order that an address asks for; what makes no sense is by name. */
export function orderOf(address: Address): { sort: Sort; down: boolean } {
  return { sort: oneOf(SORTS, address.get('sort')) ?? 'name', down: address.get('order') === 'desc' }
}

/** The filters that an address holds, as it holds them. */
export const filtersOf = (address: Address): { part: Part; value: string }[] =>
  PARTS.flatMap((part) => {
    const given = address.get(part)
    const value =
      part === 'since' || part === 'until'
        ? given && midnight(given, 'UTC', 0) && given
        : part === 'tag'
          ? given?.slice(0, 40)
          : oneOf<string>(FILTERS[part], given)
    return value ? [{ part, value }] : []
  })

/** What the API is asked; days begin in `zone`, the last one counts. Empty for a folder as it lies. */
export function listingQuery(address: Address, zone: string): URLSearchParams {
  const query = new URLSearchParams()
  const { sort, down } = orderOf(address)
  if (sort !== 'name') query.set('sort', sort)
  if (down) query.set('order', 'desc')
  for (const { part, value } of filtersOf(address)) {
    const day = DAYS.some((one) => one === part)
    query.set(part, (day && midnight(value, zone, part === 'until' ? DAY_MS : 0)) || value)
  }
  return query
}

/** The address with some parts changed; `null` takes one away. */
export function changed(address: Address, parts: Record<string, string | null>): string {
  const next = new URLSearchParams([...address].filter(([, value]) => value !== ''))
  for (const [part, value] of Object.entries(parts))
    if (value === null) next.delete(part)
    else next.set(part, value)
  return `?${next}`
}

/** Where a column's head leads: its order; pressed again the other way. The newest and the largest come first. */
export function sortedBy(address: Address, sort: Sort): string {
  const now = orderOf(address)
  const first = sort === 'received' || sort === 'size'
  const down = now.sort === sort ? !now.down : first
  return changed(address, { sort: sort === 'name' ? null : sort, order: down ? 'desc' : null })
}
