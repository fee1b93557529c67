/** A page's text from the derived bucket. */
import { PageText } from '../_shared/contract/document.ts'
import { DERIVED } from '../_shared/storage/buckets.ts'
import { Problem } from '../_shared/problem.ts'
import { presignInner } from '../_shared/storage/presign.ts'

/** Milliseconds. */
const LIMIT = 10_000

/** Throws `store_away` when the store does not answer. */
export async function readText(key: string): Promise<PageText> {
  const url = await presignInner({ bucket: DERIVED, key })
  const away = (cause?: unknown) =>
    new Problem('store_away', 'The document store does not answer.', { cause, retryAfter: 5 })
  const answer = await fetch(url, { signal: AbortSignal.timeout(LIMIT) }).catch((cause: unknown) => {
    throw away(cause)
  })
  if (!answer.ok) throw away(new Error(`the store answered ${answer.status}`))
  return PageText.parse(await answer.json())
}
