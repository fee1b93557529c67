import { redirect } from '@sveltejs/kit'
import { SignedIn } from '#lib/contract.ts'
import { wholePlate } from '#lib/server/door-plate.ts'
import { failed, typedIn } from '#lib/server/forms.ts'
import { send } from '#lib/server/gateway.ts'
import { safeNext, withNext } from '#lib/server/next.ts'
import { passkeysPossible } from '#lib/server/passkeys.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async (event) => {
  const plate = await wholePlate(event)
  const next = safeNext(event.url.searchParams.get('next'))
  const provider = plate?.provider && { ...plate.provider, path: withNext('/sign-in/provider', next) }
  return { firm: plate?.name ?? undefined, next, passkeys: passkeysPossible, provider }
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
