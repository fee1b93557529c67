/**
 * The API of a portal for programs: `import { portico } from 'portico/client'`. Types are made from docs/openapi.json; the
 * calls are openapi-fetch's. Plain JavaScript, so that it also runs where packages are not stripped of types.
 */
import createClient from 'openapi-fetch'

/** What the portal answered in place of a success (RFC 9457). `code` is stable, `message` is for developers. */
export class PorticoError extends Error {
  constructor(status, problem, retry_after) {
    super(problem.detail ?? `The portal answered ${status}.`)
    this.name = 'PorticoError'
    this.status = status
    this.code = problem.code ?? 'unknown'
    this.errors = problem.errors ?? []
    this.retry_after = retry_after
  }
}

/** Seconds that a call may be asked to wait in all before it gives up with what it was told. */
const PATIENCE = 120
const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000))

/** Too many calls and a moment without database or store pass by themselves; what was refused so has changed nothing. */
async function patiently(fetch, request) {
  for (let waited = 0; ;) {
    const answer = await fetch(request.clone())
    const asked = Number(answer.headers.get('retry-after'))
    const passes = answer.status === 429 || (answer.status === 503 && request.method === 'GET')
    const seconds = Number.isFinite(asked) && asked > 0 ? asked : 1
    if (!passes || waited + seconds > PATIENCE) return answer
    await answer.body?.cancel()
    await pause(seconds)
    waited += seconds
  }
}

async function problemOf(answer) {
  const body = await answer.json().catch(() => null)
  return body !== null && typeof body === 'object' ? body : {}
}

export function portico({ address, key, fetch = globalThis.fetch }) {
  const client = createClient({
    baseUrl: address.replace(/\/+$/, ''),
    headers: { authorization: `Bearer ${key}` },
    fetch: (request) => patiently(fetch, request)
  })
  client.use({
    onResponse: async ({ response }) => {
      if (response.ok) return undefined
      const asked = Number(response.headers.get('retry-after'))
      throw new PorticoError(
        response.status,
        await problemOf(response),
        Number.isFinite(asked) && asked > 0 ? asked : null
      )
    }
  })
  return client
}

/** Seconds that one call for events stays open. */
const WAIT = 20

/** From here on; asked without waiting, so that nothing falls between this call and the next. */
async function placeNow(client, { types, project_id, signal }) {
  const query = { from: 'now', types: types?.join(','), project_id }
  const { data } = await client.GET('/api/v1/audit/events', { params: { query }, signal })
  return data.next
}

export async function* events(
  client,
  { after, from = 'now', types, project_id, follow = true, signal } = {}
) {
  let place = after ?? (from === 'now' ? await placeNow(client, { types, project_id, signal }) : undefined)
  for (;;) {
    signal?.throwIfAborted()
    const query = { after: place, from, types: types?.join(','), project_id, wait: follow ? WAIT : 0 }
    const { data } = await client.GET('/api/v1/audit/events', { params: { query }, signal })
    // In the middle of a page the place is still the one before it: after a break all of the page is told again.
    for (const [i, event] of data.items.entries())
      yield { event, next: i === data.items.length - 1 ? data.next : (place ?? null) }
    place = data.next
    if (!follow && !data.more) return
  }
}
