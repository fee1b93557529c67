/** What went wrong, in the reader's language. The code is the key, never the server's English detail. */
import * as m from '#lib/paraglide/messages.js'

/** A problem (RFC 9457) as pages carry it: code, wrong fields, when to try again. */
export type Trouble = {
  status: number
  code: string
  errors: { field: string; code: string }[]
  /** Seconds. */
  retry_after: number | null
  /** The id that the log has too; of 500s only. */
  call_id: string | null
}

const TEXT: Record<string, () => string> = {
  sign_in_failed: m.problem_sign_in_failed,
  code_failed: m.problem_code_failed,
  provider_denied: m.problem_provider_denied,
  provider_failed: m.problem_provider_failed,
  provider_no_role: m.problem_provider_no_role,
  provider_refused: m.problem_provider_refused,
  provider_unverified: m.problem_provider_unverified,
  provider_only: m.problem_provider_only,
  provider_first: m.problem_provider_first,
  provider_expired: m.problem_provider_expired,
  provider_away: m.problem_provider_away,
  not_signed_in: m.problem_not_signed_in,
  second_factor_owed: m.problem_second_factor_owed,
  wrong_origin: m.problem_wrong_origin,
  forbidden: m.problem_forbidden,
  seeing_only: m.problem_seeing_only,
  proof_needed: m.problem_proof_needed,
  other_session: m.problem_other_session,
  nothing_in_common: m.problem_nothing_in_common,
  not_found: m.problem_not_found,
  conflict: m.problem_conflict,
  name_taken: m.problem_name_taken,
  email_taken: m.problem_email_taken,
  last_manager: m.problem_last_manager,
  last_factor: m.problem_last_factor,
  grant_changed: m.problem_grant_changed,
  password_short: m.sent_code_password_short,
  passkey_failed: m.problem_passkey_failed,
  cookies_blocked: m.problem_cookies_blocked,
  version_changed: m.visit_new_version,
  last_administrator: m.problem_last_administrator,
  no_second_administrator: m.problem_no_second_administrator,
  barred: m.problem_barred,
  link_used: m.problem_link_used,
  link_expired: m.problem_link_expired,
  link_password: m.problem_link_password,
  link_revoked: m.problem_link_revoked,
  too_large: m.problem_too_large,
  not_ready: m.problem_not_ready,
  held: m.problem_held,
  archive_outdated: m.problem_archive_outdated,
  too_many_archives: m.problem_too_many_archives,
  invalid_request: m.problem_invalid_request,
  store_away: m.problem_away,
  database_away: m.problem_away,
  unreachable: m.problem_away
}

/** One or two sentences: what happened and what to do. */
export function problemText(problem: Pick<Trouble, 'code'> & { retry_after?: number | null }): string {
  if (problem.code === 'too_many_attempts')
    return m.problem_too_many_attempts({ minutes: Math.max(1, Math.ceil((problem.retry_after ?? 60) / 60)) })
  return (TEXT[problem.code] ?? m.problem_internal)()
}

const FIELD_TEXT: Record<string, () => string> = {
  email: m.problem_field_email,
  password: m.problem_field_password,
  current: m.problem_field_current,
  code: m.problem_field_code,
  name: m.problem_field_name,
  principal: m.problem_field_principal,
  until: m.problem_field_window,
  sent_code: m.problem_field_code,
  phone: m.sent_code_phone_hint,
  deputy_id: m.problem_field_deputy
}

/** What is wrong with one field, by the field's last name; a common sentence when we have none of its own. */
export function fieldText(field: string, code: string): string {
  if (code === 'too_weak') return m.problem_field_password_weak()
  if (code === 'too_short') return m.problem_field_password_short()
  if (code === 'ended') return m.problem_field_ended()
  if (code === 'past') return m.problem_field_past()
  if (code === 'empty') return m.problem_field_window()
  if (code === 'too_far') return m.problem_field_too_far()
  if (code === 'overlaps') return m.problem_field_overlaps()
  if (code === 'own_only') return m.access_own_only_wrong()
  if (field === 'until' && code !== 'custom') return m.problem_field_other()
  const name =
    field
      .split('.')
      .at(-1)
      ?.replace(/^.*_name$/, 'name') ?? ''
  return (FIELD_TEXT[name] ?? m.problem_field_other)()
}

/** Reads an answer that is not 2xx. Never throws: an unreadable body becomes `internal` or `unreachable`. */
export async function readTrouble(response: Response): Promise<Trouble> {
  const body: unknown = await response.json().catch(() => null)
  const facts = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {}
  const fallback = [502, 503, 504].includes(response.status) ? 'unreachable' : 'internal'
  const retry = Number(response.headers.get('retry-after') ?? Number.NaN)
  return {
    status: response.status,
    code: typeof facts.code === 'string' ? facts.code : fallback,
    errors: Array.isArray(facts.errors) ? facts.errors : [],
    retry_after: Number.isFinite(retry) ? retry : null,
    call_id: response.status >= 500 && typeof facts.instance === 'string' ? facts.instance : null
  }
}

/** The sentence to stand above a field, or undefined when nothing is wrong with it. */
export function fieldError(problem: Trouble | null | undefined, field: string): string | undefined {
  const error = problem?.errors.find((one) => one.field === field)
  return error && fieldText(error.field, error.code)
}

/** What a page's `form` holds after an action failed. `form`: which form of the page, when it has several. */
export type Failed = { form: string; problem: Trouble; typed: Record<string, string> }

/** The failure in a page's `form`, or null: of the form named `name`, when the page has several. */
export function failureOf(form: object | null | undefined, name?: string): Failed | null {
  if (!form || !('problem' in form)) return null
  const failure = form as Failed
  return name === undefined || failure.form === name ? failure : null
}
