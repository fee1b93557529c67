import { redirect } from '@sveltejs/kit'
import { give, send } from '#lib/server/gateway.ts'
import type { RequestHandler } from './$types'

export const POST: RequestHandler = async (event) => {
  const answer = await send(event, 'POST', '/auth/sign-out')
  if (!answer.ok && answer.problem.status !== 401) give(event, answer.problem)
  redirect(303, '/sign-in')
}
