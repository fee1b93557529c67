import { give, send } from '#lib/server/gateway.ts'
import type { RequestHandler } from './$types'

/** What the browser keeps of unfinished uploads goes with the session; a shared machine tells the next person nothing. */
export const POST: RequestHandler = async (event) => {
  const answer = await send(event, 'POST', '/auth/sign-out')
  if (!answer.ok && answer.problem.status !== 401) give(event, answer.problem)
  return new Response(null, {
    status: 303,
    headers: { location: '/sign-in', 'clear-site-data': '"storage"' }
  })
}
