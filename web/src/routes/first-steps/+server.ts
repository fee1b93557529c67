/** Skips first steps (`skip`, as often as there are), or calls them again (`again`); then home, where they stand. */
import { redirect } from '@sveltejs/kit'
import { FirstSteps } from '#lib/contract.ts'
import { give, send } from '#lib/server/gateway.ts'
import type { RequestHandler } from './$types'

export const POST: RequestHandler = async (event) => {
  const data = await event.request.formData()
  const skip = data.getAll('skip')
  const again = data.get('again')
  const wish = { ...(skip.length > 0 && { skip }), ...(again !== null && { again: again === 'true' }) }
  const answer = await send(event, 'PATCH', '/auth/first-steps', wish, FirstSteps)
  if (!answer.ok) give(event, answer.problem)
  redirect(303, '/')
}
