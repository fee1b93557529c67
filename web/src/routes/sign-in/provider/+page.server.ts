import { redirect } from '@sveltejs/kit'
import { VisitBegun } from '#lib/contract.ts'
import { doorPlate } from '#lib/server/door-plate.ts'
import { send } from '#lib/server/gateway.ts'
import { safeNext } from '#lib/server/next.ts'
import type { PageServerLoad } from './$types'

/**
 * To the firm's provider. A link, not a form: `form-action` of our Content-Security-Policy holds for where a form's answer
 * leads as well.
 */
export const load: PageServerLoad = async (event) => {
  const prove = event.url.searchParams.has('prove')
  const next = prove ? '/sign-in/provider/proved' : safeNext(event.url.searchParams.get('next'))
  const answer = await send(event, 'POST', '/auth/provider/begin', { next, prove }, VisitBegun)
  if (answer.ok) {
    const { location } = answer.data
    redirect(303, location, { external: [new URL(location).origin] })
  }
  return { firm: await doorPlate(event), problem: answer.problem }
}
