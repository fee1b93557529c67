import { redirect } from '@sveltejs/kit'
import { InvitationShown, SignedIn } from '#lib/contract.ts'
import { getLocale } from '#lib/paraglide/runtime.js'
import { doorPlate } from '#lib/server/door-plate.ts'
import { failed, typedIn } from '#lib/server/forms.ts'
import { send } from '#lib/server/gateway.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async (event) => ({ firm: await doorPlate(event) })

export const actions: Actions = {
  /** Shows whom the link is for. Only after a press: mail scanners open links by themselves. */
  open: async (event) => {
    const typed = typedIn(await event.request.formData())
    const path = `/auth/invitations/${event.params.id}/open` as const
    const answer = await send(event, 'POST', path, { secret: typed.secret ?? '' }, InvitationShown)
    if (!answer.ok) return failed(answer.problem, typed, 'open')
    return { shown: answer.data }
  },

  accept: async (event) => {
    const typed = typedIn(await event.request.formData())
    const wish = {
      secret: typed.secret ?? '',
      name: typed.name ?? '',
      password: typed.password ?? '',
      locale: getLocale()
    }
    const answer = await send(event, 'POST', `/auth/invitations/${event.params.id}/accept`, wish, SignedIn)
    if (!answer.ok) return failed(answer.problem, typed, 'accept')
    // Offered at once, also to whom some days are left for it.
    redirect(303, '/second-factor')
  }
}
