/** Pages that could not be made leave a gap that can be seen: page 7 stays page 7. Pure. */
import type { PageInfo } from '../contract.ts'

export type ShownPage = PageInfo & { missing: boolean }

/**
 * Every page from 1 on, those that are not there marked and as large as their neighbour.
 *
 * @param pages by number
 * @param page_count once the document is finished; null while pages are still being made
 */
export function withGaps(pages: PageInfo[], page_count: number | null): ShownPage[] {
  const by_no = new Map(pages.map((page) => [page.no, page]))
  const last = Math.max(page_count ?? 0, pages.at(-1)?.no ?? 0)
  let like = pages[0]
  if (!like) return []
  const shown: ShownPage[] = []
  for (let no = 1; no <= last; no += 1) {
    const page = by_no.get(no)
    like = page ?? like
    shown.push(page ? { ...page, missing: false } : { ...like, no, has_text: false, missing: true })
  }
  return shown
}
