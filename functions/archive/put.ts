/** One PUT to a place that the job brought. */
import { InputAway, InputGone } from '../_shared/parser.ts'
import { askStore } from '../_shared/store-way.ts'

/** The store has no room left. */
export class StoreFull extends Error {}

/** Milliseconds for one part. */
const PATIENCE = 25_000
/** Insufficient Storage (RFC 4918 section 11.5): what the store answers when its disk is full. */
const FULL = 507

/** Sends the bytes whole; the store's ETag of them. Throws StoreFull, InputAway when the store does not take them, InputGone. */
export async function put(url: string, body: Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<string> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)])
  const answer = await askStore(url, { method: 'PUT', body, signal: limit, patience: PATIENCE }).catch(
    (cause: unknown) => {
      throw new InputAway('the store does not answer', { cause })
    }
  )
  answer.resume()
  const { statusCode, headers } = answer
  if (statusCode === FULL) throw new StoreFull('the store is full')
  if (statusCode === 404) throw new InputGone('upload_gone')
  if (statusCode !== 200 || !headers.etag) throw new InputAway(`the store answered ${statusCode}`)
  return headers.etag
}
