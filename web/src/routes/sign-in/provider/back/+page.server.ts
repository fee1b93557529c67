import { redirect } from '@sveltejs/kit'
import { VisitEnded } from '#lib/contract.ts'
import { doorPlate } from '#lib/server/door-plate.ts'
import { send } from '#lib/server/gateway.ts'
import { safeNext, withNext } from '#lib/server/next.ts'
import type { PageServerLoad } from './$types'

const PROVED = '/sign-in/provider/proved'

/** Back from the provider: what it sent along goes to the API as it stands in the address. */
export const load: PageServerLoad = async (event) => {
  const query = event.url.search.slice(1)
  const answer = await send(event, 'POST', '/auth/provider/end', { query }, VisitEnded)
  if (!answer.ok) return { firm: await doorPlate(event), problem: answer.problem }
  const { path } = answer.data
  if (path === PROVED) redirect(303, PROVED)
  const next = safeNext(path)
  redirect(303, answer.data.next === 'done' ? next : withNext('/second-factor', next))
}
