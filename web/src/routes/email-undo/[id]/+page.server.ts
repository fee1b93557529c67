import { doorPlate } from '#lib/server/door-plate.ts'
import { failed, typedIn } from '#lib/server/forms.ts'
import { send } from '#lib/server/gateway.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async (event) => ({ firm: await doorPlate(event) })

export const actions: Actions = {
  default: async (event) => {
    const typed = typedIn(await event.request.formData())
    const path = `/auth/emails/${event.params.id}/undo` as const
    const answer = await send(event, 'POST', path, { secret: typed.secret ?? '' })
    return answer.ok ? { undone: true } : failed(answer.problem, typed)
  }
}
