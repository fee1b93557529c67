/** The organisation that a form names: one that exists, a new one by its name, or none. */
import type { RequestEvent } from '@sveltejs/kit'
import { Organisation } from '#lib/contract.ts'
import { type Answer, send } from './gateway.ts'

/** Reads the fields of OrganisationField.svelte; makes the organisation when it is new. Its id, or null for none. */
export async function organisationOf(
  event: RequestEvent,
  typed: Record<string, string>
): Promise<Answer<string | null>> {
  if (typed.organisation_id !== 'new') return { ok: true, data: typed.organisation_id || null }
  const wish = { name: typed.organisation_name ?? '' }
  const answer = await send(event, 'POST', '/admin/organisations', wish, Organisation)
  if (answer.ok) return { ok: true, data: answer.data.id }
  // The API's field is `name`, which in our form is another one.
  const errors = answer.problem.errors.map((error) => ({ ...error, field: 'organisation_name' }))
  return { ok: false, problem: { ...answer.problem, errors } }
}
