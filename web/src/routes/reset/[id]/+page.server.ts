import { ResetShown } from '#lib/contract.ts'
import { doorPlate } from '#lib/server/door-plate.ts'
import { failed, typedIn } from '#lib/server/forms.ts'
import { send } from '#lib/server/gateway.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async (event) => ({ firm: await doorPlate(event) })

export const actions: Actions = {
  /** Shows whose password it is. Only after a press: mail scanners open links by themselves. */
  open: async (event) => {
    const typed = typedIn(await event.request.formData())
    const path = `/auth/resets/${event.params.id}/open` as const
    const answer = await send(event, 'POST', path, { secret: typed.secret ?? '' }, ResetShown)
    return answer.ok ? { shown: answer.data } : failed(answer.problem, typed, 'open')
  },

  choose: async (event) => {
    const typed = typedIn(await event.request.formData())
    const wish = { secret: typed.secret ?? '', password: typed.password ?? '' }
    const answer = await send(event, 'POST', `/auth/resets/${event.params.id}`, wish)
    return answer.ok ? { chosen: true } : failed(answer.problem, typed, 'choose')
  }
}
