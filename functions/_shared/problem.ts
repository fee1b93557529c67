/** Every error that a caller may see. serve.ts alone turns it into `application/problem+json` (RFC 9457). */

/** What is wrong with one field of the request. `field` is a dotted path into the body. */
export type FieldError = { field: string; code: string; detail: string }

/** Code → HTTP status. The code is the stable name: clients and translations key on it, never on the detail. */
const STATUS = {
  invalid_request: 422,
  malformed_request: 400,
  not_signed_in: 401,
  second_factor_owed: 401,
  sign_in_failed: 401,
  code_failed: 401,
  passkey_failed: 401,
  provider_denied: 401,
  provider_failed: 401,
  provider_no_role: 403,
  provider_refused: 403,
  provider_unverified: 403,
  provider_only: 409,
  provider_first: 409,
  provider_expired: 410,
  provider_away: 503,
  wrong_origin: 403,
  forbidden: 403,
  seeing_only: 403,
  proof_needed: 403,
  other_session: 409,
  nothing_in_common: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  name_taken: 409,
  email_taken: 409,
  last_manager: 409,
  last_factor: 409,
  grant_changed: 409,
  password_short: 409,
  last_administrator: 409,
  no_second_administrator: 409,
  barred: 409,
  idempotency_in_progress: 409,
  link_password: 401,
  visit_over: 401,
  link_used: 410,
  link_revoked: 410,
  link_expired: 410,
  too_large: 413,
  upload_incomplete: 409,
  upload_mismatch: 409,
  not_ready: 409,
  version_changed: 409,
  too_many_archives: 409,
  archive_outdated: 409,
  held: 409,
  idempotency_mismatch: 422,
  too_many_attempts: 429,
  store_away: 503,
  database_away: 503,
  internal: 500
} as const

export type ProblemCode = keyof typeof STATUS

/** An error with a stable code. `detail` is English for developers; people read the translation of the code. */
export class Problem extends Error {
  readonly code: ProblemCode
  readonly status: number
  readonly errors: FieldError[]
  /** Seconds after which trying again makes sense; becomes Retry-After. */
  readonly retryAfter: number | undefined

  constructor(
    code: ProblemCode,
    detail: string = code,
    more: { cause?: unknown; errors?: FieldError[]; retryAfter?: number } = {}
  ) {
    super(detail, { cause: more.cause })
    this.name = 'Problem'
    this.code = code
    this.status = STATUS[code]
    this.errors = more.errors ?? []
    this.retryAfter = more.retryAfter
  }
}

/** A foreign id is the same as one that does not exist, in words and in status. */
export const notFound = () => new Problem('not_found', 'There is nothing here, or nothing that you may see.')

/** The RFC 9457 answer. `instance` is the call's id, which the log has too. */
export function problemResponse(problem: Problem, callId: string): Response {
  const body = {
    type: `about:blank#${problem.code}`,
    title: problem.code.replaceAll('_', ' '),
    status: problem.status,
    detail: problem.status === 500 ? 'Something went wrong on our side.' : problem.message,
    instance: `urn:call:${callId}`,
    code: problem.code,
    ...(problem.errors.length > 0 && { errors: problem.errors })
  }
  const headers = new Headers({ 'content-type': 'application/problem+json', 'cache-control': 'no-store' })
  if (problem.retryAfter !== undefined) headers.set('retry-after', String(Math.ceil(problem.retryAfter)))
  return new Response(JSON.stringify(body), { status: problem.status, headers })
}
