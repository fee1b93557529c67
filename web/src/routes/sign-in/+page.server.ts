import { redirect } from '@sveltejs/kit'
import { DoorPlate, SignedIn } from '#lib/contract.ts'
import { failed, typedIn } from '#lib/server/forms.ts'
import { send } from '#lib/server/gateway.ts'
import { safeNext, withNext } from '#lib/server/next.ts'
import type { Actions, PageServerLoad } from './$types'

/** The door stands even while the portal behind it is away: then without the name. */
export const load: PageServerLoad = async (event) => {
  const plate = await send(event, 'GET', '/auth/firm', undefined, DoorPlate)
  return { firm: plate.ok ? (plate.data.name ?? undefined) : undefined }
}

export const actions: Actions = {
  default: async (event) => {
    const typed = typedIn(await event.request.formData())
    const wish = { email: typed.email ?? '', password: typed.password ?? '' }
    const answer = await send(event, 'POST', '/auth/sign-in', wish, SignedIn)
    if (!answer.ok) return failed(answer.problem, typed)
    const next = safeNext(event.url.searchParams.get('next'))
    redirect(303, answer.data.next === 'done' ? next : withNext('/second-factor', next))
  }
}
