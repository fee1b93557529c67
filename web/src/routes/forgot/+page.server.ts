import { doorPlate } from '#lib/server/door-plate.ts'
import { failed, typedIn } from '#lib/server/forms.ts'
import { send } from '#lib/server/gateway.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async (event) => ({ firm: await doorPlate(event) })

export const actions: Actions = {
  default: async (event) => {
    const typed = typedIn(await event.request.formData())
    const answer = await send(event, 'POST', '/auth/reset', { email: typed.email ?? '' })
    return answer.ok ? { sent_to: (typed.email ?? '').trim() } : failed(answer.problem, typed)
  }
}
