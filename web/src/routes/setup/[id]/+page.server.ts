import { redirect } from '@sveltejs/kit'
import { SignedIn } from '#lib/contract.ts'
import { getLocale } from '#lib/paraglide/runtime.js'
import { failed, typedIn } from '#lib/server/forms.ts'
import { send } from '#lib/server/gateway.ts'
import type { Actions } from './$types'

export const actions: Actions = {
  open: async (event) => {
    const typed = typedIn(await event.request.formData())
    const path = `/auth/setup/${event.params.id}/open` as const
    const answer = await send(event, 'POST', path, { secret: typed.secret ?? '' })
    return answer.ok ? { opened: true } : failed(answer.problem, typed, 'open')
  },

  make: async (event) => {
    const typed = typedIn(await event.request.formData())
    const { secret = '', firm_name = '', name = '', email = '', password = '', time_zone } = typed
    const wish = {
      secret,
      firm_name,
      name,
      email,
      password,
      locale: getLocale(),
      ...(time_zone && { time_zone })
    }
    const answer = await send(event, 'POST', `/auth/setup/${event.params.id}`, wish, SignedIn)
    if (!answer.ok) return failed(answer.problem, typed, 'make')
    // Offered at once, also to whom some days are left for it.
    redirect(303, '/second-factor')
  }
}
