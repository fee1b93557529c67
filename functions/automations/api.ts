/** Calls of the API by a rule's key, and what their answers mean for a run. */
import { config } from '../_shared/config.ts'
import type { AutomationStep } from '../_shared/contract/automation.ts'
import { traceHeaders } from '../_shared/trace.ts'

/** The API does not answer, or asks for patience: the run is tried again. */
export class ApiAway extends Error {
  readonly after_seconds: number
  constructor(why: string, after_seconds: number, cause?: unknown) {
    super(why, { cause })
    this.name = 'ApiAway'
    this.after_seconds = after_seconds
  }
}

/** Milliseconds for one call. */
const PATIENCE = 15_000
type Answer = { status: number; body: unknown; code: string | null }
/** `step`: repeated with the same one, a POST is done once. */
export type CallApi = (method: string, path: string, body: unknown, step?: string) => Promise<Answer>

/** Calls of the API with a rule's token. */
export function apiOf(token: string, run_id: string): CallApi {
  return async (method, path, body, step) => {
    const [, name = '', rest = ''] = /^\/([^/]+)(\/.*)$/.exec(path) ?? []
    const answer = await fetch(`${config.gateway_url}/function/${name}${rest}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        ...traceHeaders(),
        ...(step && { 'idempotency-key': `rule ${run_id} ${step}` })
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(PATIENCE)
    }).catch((cause: unknown) => {
      throw new ApiAway('no_answer', 30, cause)
    })
    const said: unknown = await answer.json().catch(() => null)
    const code = said && typeof said === 'object' && 'code' in said ? String(said.code) : null
    if (answer.status >= 500 || answer.status === 429 || code === 'idempotency_in_progress')
      throw new ApiAway(`status_${answer.status}`, Number(answer.headers.get('retry-after')) || 30)
    return { status: answer.status, body: said, code }
  }
}

export type Does = Omit<AutomationStep, 'do'>
export const DONE: Does = { outcome: 'done', code: null }
export const NOTHING: Does = { outcome: 'nothing_to_do', code: null }

export function told({ status, code }: Answer): Does {
  if (status < 300) return DONE
  const refused = code === 'forbidden' || code === 'not_found' || code === 'not_signed_in'
  return { outcome: refused ? 'not_allowed' : 'not_possible', code }
}

type Thing = { id: string; outcome: string }
/** Of a route that answers for each thing by itself. */
export function toldOf(answer: Answer): Does {
  const things = (answer.body as { things?: Thing[] } | null)?.things
  const outcome = things?.[0]?.outcome
  if (answer.status >= 300 || outcome === 'done') return told(answer)
  return {
    outcome: outcome === 'forbidden' || outcome === 'not_found' ? 'not_allowed' : 'not_possible',
    code: outcome ?? null
  }
}
