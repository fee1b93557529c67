/** What the functions that parse strangers' bytes share: reading a job, fetching its input. They hold no credentials. */
import type { Readable } from 'node:stream'
import type { z } from 'zod'
import { refuseToken, verifyJobToken } from './auth/job-token.ts'
import { Problem } from './problem.ts'
import { askStore } from './store-way.ts'

/** The job in the body, which must be the one that the token is for. Throws like `readBody`, and `not_signed_in`. */
export async function readJob<T extends z.ZodType<{ job: string }>>(
  request: Request,
  schema: T,
  audience: string
): Promise<z.infer<T>> {
  const subject = await verifyJobToken(request, audience)
  const job = await readBody(request, schema)
  if (job.job !== subject) throw refuseToken()
  return job
}

/** What the body asks for. Throws `invalid_request` when it does not fit its contract. */
export async function readBody<T extends z.ZodType>(request: Request, schema: T): Promise<z.infer<T>> {
  if (request.method !== 'POST') throw new Problem('method_not_allowed')
  const body: unknown = await request.json().catch((cause: unknown) => {
    throw new Problem('malformed_request', 'The body is not JSON.', { cause })
  })
  const parsed = schema.safeParse(body)
  if (!parsed.success)
    throw new Problem('invalid_request', 'The job does not fit its contract.', { cause: parsed.error })
  return parsed.data
}

/** The input cannot be had just now: worth another try. */
export class InputAway extends Error {}
/** The input is not there any more, or not what was announced: another try brings nothing. */
export class InputGone extends Error {}

/** Milliseconds until the store's first byte. */
const PATIENCE = 10_000

/** The stream of a job's input, from a byte on. Throws InputAway or InputGone. */
export async function openInput(url: string, signal: AbortSignal, from = 0): Promise<Readable> {
  const headers = { 'accept-encoding': 'identity', ...(from > 0 && { range: `bytes=${from}-` }) }
  const answer = await askStore(url, { method: 'GET', headers, signal, patience: PATIENCE }).catch(
    (cause: unknown) => {
      throw new InputAway('the store does not answer', { cause })
    }
  )
  const { statusCode = 0 } = answer
  if (statusCode >= 200 && statusCode < 300) return answer
  answer.resume()
  if (statusCode === 404) throw new InputGone('input_not_there')
  throw new InputAway(`the store answered ${statusCode}`)
}
