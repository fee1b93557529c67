import { doorPlate } from '#lib/server/door-plate.ts'
import { failed } from '#lib/server/forms.ts'
import { send } from '#lib/server/gateway.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async (event) => ({ firm: await doorPlate(event) })

export const actions: Actions = {
  /** Only after a press: mail scanners open links by themselves. */
  default: async (event) => {
    const answer = await send(event, 'POST', `/auth/unsubscribe/${encodeURIComponent(event.params.token)}`)
    return answer.ok ? { stopped: true } : failed(answer.problem, {})
  }
}
