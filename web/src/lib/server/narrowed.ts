/** A long list as its address narrows it: by words (Find.svelte) and where its page begins (Pages.svelte). */
import type { RequestEvent } from '@sveltejs/kit'

/** The longest page of the API. */
const LONGEST = 200
const MOST_LETTERS = 100
/** So many are seen at a glance. */
const FEW = 10

export type Narrowed = {
  /** Empty: all. */
  q: string
  /** Whether the page begins after others. */
  began: boolean
  /** What the API is asked with. */
  query: URLSearchParams
}

/** `name`: the field of the address that holds the cursor. */
export function narrowedBy({ url }: RequestEvent, name: string, limit = LONGEST): Narrowed {
  const q = url.searchParams.get('q')?.trim().slice(0, MOST_LETTERS) ?? ''
  const cursor = url.searchParams.get(name)
  const query = new URLSearchParams({ limit: String(limit), ...(q && { q }), ...(cursor && { cursor }) })
  return { q, began: cursor !== null, query }
}

/** Whether there is something to search in. */
export const isMany = (
  { q, began }: Narrowed,
  { items, next }: { items: unknown[]; next: string | null }
): boolean => began || next !== null || q !== '' || items.length > FEW
