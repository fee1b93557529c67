import { failed, typedIn } from '#lib/server/forms.ts'
import { send } from '#lib/server/gateway.ts'
import type { Actions } from './$types'

export const actions: Actions = {
  default: async (event) => {
    const typed = typedIn(await event.request.formData())
    const answer = await send(event, 'POST', '/auth/email', { email: typed.email ?? '' })
    return answer.ok ? { sent_to: (typed.email ?? '').trim() } : failed(answer.problem, typed)
  }
}
