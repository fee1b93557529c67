import { NewEmail } from '#lib/contract.ts'
import { failed, typedIn } from '#lib/server/forms.ts'
import { send } from '#lib/server/gateway.ts'
import type { Actions } from './$types'

export const actions: Actions = {
  default: async (event) => {
    const typed = typedIn(await event.request.formData())
    const path = `/auth/emails/${event.params.id}` as const
    const answer = await send(event, 'POST', path, { secret: typed.secret ?? '' }, NewEmail)
    return answer.ok ? { email: answer.data.email } : failed(answer.problem, typed)
  }
}
