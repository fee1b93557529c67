/** The one door from the web's server to the functions. It holds no rights of its own: the caller's cookie goes along. */
import { GATEWAY_URL, ORIGIN } from '$app/env/private'
import { type RequestEvent, error, redirect } from '@sveltejs/kit'
import type { z } from 'zod'
import { type Trouble, problemText, readTrouble } from '#lib/problem.ts'
import { isFromEdge } from './client-address.ts'
import { passCookies } from './cookies.ts'
import { secret } from './secret.ts'

type Method = 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE'
/** `/<function>/<path>`, e.g. `/documents/projects`. */
type Path = `/${string}`

export type Answer<T> = { ok: true; data: T } | { ok: false; problem: Trouble }

const UNREACHABLE: Trouble = {
  status: 503,
  code: 'unreachable',
  errors: [],
  retry_after: null,
  call_id: null
}

/** Longer than any function may work on an answer that a person waits for (design §2). */
const PATIENCE_MS = 35_000

const PASSED = ['cookie', 'user-agent', 'accept-language']

/** Words, ids and tokens between the slashes: a page's address must not climb to another function. */
const isPlainPath = (path: string): boolean => /^(?:\/(?!\.{1,2}(?:[/?]|$))[\w.-]+)+(?:\?.*)?$/.test(path)

const nothing = (): Response =>
  Response.json(
    { code: 'not_found', errors: [] },
    { status: 404, headers: { 'content-type': 'application/problem+json' } }
  )

async function call(
  event: RequestEvent,
  method: Method,
  path: Path,
  body?: unknown
): Promise<Response | null> {
  if (!isPlainPath(path)) return nothing()
  const headers = new Headers({
    accept: 'application/json',
    // SvelteKit has checked the form's own Origin against ORIGIN; page loads change nothing.
    origin: ORIGIN,
    'x-portico-edge-token': secret('edge-token'),
    'x-portico-client-address': event.locals.client_address
  })
  // traceparent and call id: what follows from a request is found by one id, in the log and in traces.
  const names = isFromEdge(event) ? [...PASSED, 'traceparent', 'x-call-id'] : PASSED
  for (const name of names) {
    const value = event.request.headers.get(name)
    if (value) headers.set(name, value)
  }
  if (event.locals.passive) headers.set('portico-passive', '1')
  if (body !== undefined) headers.set('content-type', 'application/json')
  const signal = AbortSignal.any([event.request.signal, AbortSignal.timeout(PATIENCE_MS)])
  const sent: RequestInit = {
    method,
    headers,
    body: body === undefined ? null : JSON.stringify(body),
    signal,
    // To a file of any size, which is the browser's to fetch.
    redirect: 'manual'
  }
  const response = await fetch(`${GATEWAY_URL}/function${path}`, sent).catch(() => null)
  if (response) passCookies(response.headers, event.cookies)
  return response && response.status >= 300 && response.status < 400 ? nothing() : response
}

/**
 * Asks for something or changes it, for form actions: problems come back as values, so that the form keeps what was
 * typed. Without a schema `data` is null. Throws when the answer does not fit its schema.
 */
export function send(event: RequestEvent, method: Method, path: Path, body?: unknown): Promise<Answer<null>>
export function send<S extends z.ZodType>(
  event: RequestEvent,
  method: Method,
  path: Path,
  body: unknown,
  schema: S
): Promise<Answer<z.infer<S>>>
export async function send(
  event: RequestEvent,
  method: Method,
  path: Path,
  body?: unknown,
  schema?: z.ZodType
): Promise<Answer<unknown>> {
  const response = await call(event, method, path, body)
  if (!response) return { ok: false, problem: UNREACHABLE }
  if (!response.ok) return { ok: false, problem: await readTrouble(response) }
  return { ok: true, data: schema ? schema.parse(await response.json()) : null }
}

/** Reads something for a page. A problem becomes the error page, or the way to the sign-in that brings one back. */
export async function load<S extends z.ZodType>(
  event: RequestEvent,
  path: Path,
  schema: S
): Promise<z.infer<S>> {
  const answer = await send(event, 'GET', path, undefined, schema)
  if (answer.ok) return answer.data
  return give(event, answer.problem)
}

/** Turns a problem into a redirect (401) or the error page. Never returns. */
export function give(event: RequestEvent, problem: Trouble): never {
  if (problem.status === 401) redirect(303, door(event.url, problem.code))
  error(problem.status, {
    message: problemText(problem),
    code: problem.code,
    ...(problem.call_id && { call_id: problem.call_id })
  })
}

/** The sign-in page that brings the person back to `url`. */
export function door(url: URL, code: string): string {
  const page = code === 'second_factor_owed' ? '/second-factor' : '/sign-in'
  const next = url.pathname + url.search
  return next === '/' ? page : `${page}?next=${encodeURIComponent(next)}`
}
