import { redirect } from '@sveltejs/kit'
import { give, send } from '#lib/server/gateway.ts'
import { typedIn } from '#lib/server/forms.ts'
import type { RequestHandler } from './$types'

/** With a person: begins to see as them. Without: ends it. */
export const POST: RequestHandler = async (event) => {
  const { person_id } = typedIn(await event.request.formData())
  const answer = person_id
    ? await send(event, 'POST', '/auth/seeing', { person_id })
    : await send(event, 'DELETE', '/auth/seeing')
  if (!answer.ok) give(event, answer.problem)
  redirect(303, person_id ? '/' : '/people')
}
