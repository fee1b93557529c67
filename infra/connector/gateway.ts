/** A job's call of its function through the gateway, and what its failures mean for the job. */
import type { Answer, Call, Job } from '../../functions/_shared/pipeline/kind.ts'
import { JobAnswer } from '../../functions/_shared/contract/job.ts'
import { signJobToken } from '../../functions/_shared/auth/job-token.ts'
import { traceHeaders } from '../../functions/_shared/trace.ts'

/** Seconds beyond the function's own limit until its answer is given up. */
const PATIENCE = 5

/**
 * A call that brought no answer. `away`: nobody worked on it (no connection, 503, the token refused), so it is nobody's
 * fault and may be tried for a long time. `died`: the function took it and did not survive it or hung; a job that does
 * that again and again is given up.
 */
export class CallFailed extends Error {
  readonly kind: 'away' | 'died'
  constructor(kind: 'away' | 'died', reason: string, cause?: unknown) {
    super(reason, { cause })
    this.name = 'CallFailed'
    this.kind = kind
  }
}

/**
 * Functions from which the last call did not come back. Gateways say the same of one that died over a call and of one that
 * is not there: OpenFaaS' 500 with `x-openfaas-internal: proxy`, others 502 or 504. So it is asked before the next call: an
 * absence costs a job one attempt, and what kills a function that is there is still given up.
 */
const doubted = new Set<string>()

/** POSTs the job to /function/NAME. Throws CallFailed; every 200 with an answer of the contract is returned. */
export async function callFunction(gateway: string, key: Uint8Array, job: Job, call: Call): Promise<Answer> {
  if (doubted.has(call.function)) await makeSure(gateway, call.function)
  const token = await signJobToken(key, call.function, job.id, call.limit_seconds)
  const response = await send(gateway, token, job, call)
  if (response.status !== 200) {
    await response.body?.cancel()
    if (NO_WAY_BACK.has(response.status)) doubted.add(call.function)
    throw new CallFailed(diedWith(response.status) ? 'died' : 'away', `status_${response.status}`)
  }
  const parsed = JobAnswer.safeParse(await response.json().catch(() => null))
  if (!parsed.success) throw new CallFailed('died', 'answer_not_understood', parsed.error)
  return parsed.data
}

/** Throws CallFailed when the function does not say that it is there. */
async function makeSure(gateway: string, name: string): Promise<void> {
  const answer = await askHealth(gateway, name).catch(() => null)
  await answer?.body?.cancel()
  if (!answer?.ok) throw new CallFailed('away', 'not_there')
  doubted.delete(name)
}

const askHealth = (gateway: string, name: string): Promise<Response> =>
  fetch(`${gateway}/function/${name}/_/health`, { signal: AbortSignal.timeout(10_000) })

async function send(gateway: string, token: string, job: Job, call: Call): Promise<Response> {
  try {
    return await fetch(`${gateway}/function/${call.function}${call.path}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'x-call-id': job.id,
        ...traceHeaders()
      },
      body: JSON.stringify(call.body),
      signal: AbortSignal.timeout((call.limit_seconds + PATIENCE) * 1000)
    })
  } catch (cause) {
    const timedOut = cause instanceof Error && cause.name === 'TimeoutError'
    throw new CallFailed(timedOut ? 'died' : 'away', timedOut ? 'timed_out' : 'gateway_away', cause)
  }
}

const NO_WAY_BACK = new Set([500, 502, 504])

/** 500, 502 (it died while working) and 504 blame the job; 401, 404, 429, 503 the surroundings. */
const diedWith = (status: number): boolean => [400, 413, 422, 500, 502, 504].includes(status)

/** Milliseconds within which a function need not be woken again. */
const WARM = 30_000
const woken = new Map<string, number>()

/**
 * Wakes a function that will be needed in a moment: its start (preview 0.5 s) then passes while the step before it runs.
 * Nobody waits for it, and nothing depends on it.
 */
export function wakeFunction(gateway: string, name: string): void {
  if (Date.now() - (woken.get(name) ?? 0) < WARM) return
  woken.set(name, Date.now())
  askHealth(gateway, name)
    .then((response) => response.body?.cancel())
    .catch(() => undefined)
}
