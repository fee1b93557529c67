import { error } from '@sveltejs/kit'
import { Emergencies } from '#lib/contract.ts'
import { problemText } from '#lib/problem.ts'
import { choicesOf } from '#lib/server/choices.ts'
import { failed, orNull, typedIn } from '#lib/server/forms.ts'
import { load as get, send } from '#lib/server/gateway.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async (event) => {
  const me = event.locals.session?.person
  if (me?.staff_role !== 'administrator') error(404, problemText({ code: 'not_found' }))
  event.depends(`live:person:${me.id}`)
  const thing = event.url.searchParams.get('thing')
  const [emergencies, organisations] = await Promise.all([
    get(event, '/admin/emergencies', Emergencies),
    thing ? null : choicesOf(event, 'organisations', event.url.searchParams.get('client') ?? '')
  ])
  return { emergencies, organisations, thing }
}

export const actions: Actions = {
  open: async (event) => {
    const typed = typedIn(await event.request.formData())
    const { level, reason, name } = typed
    const what = typed.thing
      ? { thing_id: typed.thing }
      : { client_id: orNull(typed.client_id), name: name ?? '' }
    const answer = await send(event, 'POST', '/admin/emergencies', { ...what, level, reason }, Emergencies)
    return answer.ok ? { opened: true } : failed(answer.problem, typed, 'open')
  },
  end: async (event) => {
    const { id = '' } = typedIn(await event.request.formData())
    const answer = await send(event, 'POST', `/admin/emergencies/${id}/end`, undefined, Emergencies)
    return answer.ok ? { ended: true } : failed(answer.problem, { id }, 'end')
  },
  read: async (event) => {
    const answer = await send(event, 'POST', '/admin/emergencies/read', {}, Emergencies)
    return answer.ok ? { read: true } : failed(answer.problem, {}, 'read')
  }
}
