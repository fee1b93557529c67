import { failed, typedIn } from '#lib/server/forms.ts'
import { send } from '#lib/server/gateway.ts'
import type { Actions } from './$types'

export const actions: Actions = {
  default: async (event) => {
    const typed = typedIn(await event.request.formData())
    const wish = { current: typed.current ?? '', password: typed.password ?? '' }
    const answer = await send(event, 'POST', '/auth/password', wish)
    return answer.ok ? { changed: true } : failed(answer.problem, typed)
  }
}
