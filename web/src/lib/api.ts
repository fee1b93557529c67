/** The browser's own calls to the API. Pages that a form or a load function can serve use those instead. */
import { type Trouble, problemText, readTrouble } from '#lib/problem.ts'
import { isAskedFor, prove } from '#lib/proof.svelte.ts'

/** An answer that is not 2xx, or none at all (`unreachable`). `message` is in the reader's language. */
export class ApiError extends Error {
  readonly trouble: Trouble

  constructor(trouble: Trouble, cause?: unknown) {
    super(problemText(trouble), { cause })
    this.name = 'ApiError'
    this.trouble = trouble
  }
}

export type ApiCall = {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Becomes JSON. */
  body?: unknown
  /** A table, sent as it is in the place of a body. */
  table?: Blob
  signal?: AbortSignal
  /** Makes a repeated POST harmless (24 h). */
  idempotency_key?: string
}

/**
 * Calls /api/v1<path>, e.g. `api<Receipt>('/documents/uploads/complete', {method: 'POST', body})`.
 * `T` is the contract's type of the answer; null for 204. Throws ApiError.
 */
export async function api<T>(path: `/${string}`, call: ApiCall = {}): Promise<T> {
  const headers: Record<string, string> = { accept: 'application/json' }
  if (call.body !== undefined) headers['content-type'] = 'application/json'
  if (call.table) headers['content-type'] = 'text/csv'
  if (call.idempotency_key) headers['idempotency-key'] = call.idempotency_key
  const response = await fetch(`/api/v1${path}`, {
    method: call.method ?? 'GET',
    headers,
    body: call.body === undefined ? (call.table ?? null) : JSON.stringify(call.body),
    signal: call.signal ?? null
  }).catch((cause: unknown) => {
    if (call.signal?.aborted) throw cause
    throw new ApiError(
      { status: 0, code: 'unreachable', errors: [], retry_after: null, call_id: null },
      cause
    )
  })
  if (!response.ok) {
    const trouble = await readTrouble(response)
    if (isAskedFor(trouble) && (await prove())) return api<T>(path, call)
    throw new ApiError(trouble)
  }
  return response.status === 204 ? (null as T) : await response.json()
}
