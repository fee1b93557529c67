/** What the store's answer to a PUT means. */

/**
 * arrived: the bytes are in the store (412: they were already there, the first PUT's answer got lost) ·
 * stale: the URL is not valid (any more), ask for another · away: try later, unchanged · refused: no.
 */
export type Verdict = 'arrived' | 'stale' | 'away' | 'refused'

export function verdict(status: number, single: boolean): Verdict {
  if (status >= 200 && status < 300) return 'arrived'
  if (status === 412) return single ? 'arrived' : 'stale'
  if (status === 403 || status === 404) return 'stale' // 404: the multipart upload is gone; asking tells
  if (status === 0 || status === 408 || status === 429 || status >= 500) return 'away'
  return 'refused'
}
