import type { Client } from 'openapi-fetch'
import type { components, paths } from './api.d.ts'

export type { components, paths }
export type PorticoClient = Client<paths>
export type PorticoEvent = components['schemas']['PorticoEvent']

/** What the portal answered in place of a success (RFC 9457). `code` is stable, `message` is for developers. */
export class PorticoError extends Error {
  readonly status: number
  readonly code: string
  readonly errors: { field: string; code: string; detail: string }[]
  /** Seconds after which trying again makes sense. */
  readonly retry_after: number | null
}

/**
 * The calls that are open to an API key. Each throws PorticoError in place of an answer that is no success; 429 is waited
 * for, up to two minutes.
 *
 * @param address of the portal, e.g. https://portal.example.com
 */
export function portico(options: {
  address: string
  key: string
  fetch?: (request: Request) => Promise<Response>
}): PorticoClient

/**
 * What happens in the portal, as it happens, for ever unless `follow` is false or `signal` aborts. `next` is the place to
 * go on from another time (`after`): keep it when the event has been dealt with. After a break events may be told again,
 * by the same `id`; null: from the beginning.
 */
export function events(
  client: PorticoClient,
  options?: {
    after?: string | undefined
    from?: 'beginning' | 'now'
    types?: PorticoEvent['type'][] | undefined
    project_id?: string | undefined
    follow?: boolean
    signal?: AbortSignal | undefined
  }
): AsyncGenerator<{ event: PorticoEvent; next: string | null }>
