import { error } from '@sveltejs/kit'
import { Firm } from '#lib/contract.ts'
import { problemText } from '#lib/problem.ts'
import { failed, typedIn } from '#lib/server/forms.ts'
import { load as get, send } from '#lib/server/gateway.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async (event) => {
  if (event.locals.session?.person.staff_role !== 'administrator')
    error(404, problemText({ code: 'not_found' }))
  return { firm: await get(event, '/admin/firm', Firm), zones: Intl.supportedValuesOf('timeZone') }
}

export const actions: Actions = {
  default: async (event) => {
    const typed = typedIn(await event.request.formData())
    const { name, time_zone, locale } = typed
    const texts = (kind: 'imprint' | 'privacy') =>
      Object.fromEntries(['de', 'en', 'sv'].map((language) => [language, typed[`${kind}_${language}`] ?? '']))
    const wish = {
      ...{ name, time_zone, locale },
      deliver_unscanned: typed.unscanned !== 'hold',
      link_days_max: Number(typed.link_days_max),
      guest_days_max: Number(typed.guest_days_max),
      walls: typed.walls === 'on',
      imprint: texts('imprint'),
      privacy: texts('privacy')
    }
    const answer = await send(event, 'PATCH', '/admin/firm', wish, Firm)
    return answer.ok ? { saved: true } : failed(answer.problem, typed)
  }
}
