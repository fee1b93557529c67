import { type RequestEvent, error, redirect } from '@sveltejs/kit'
import { AskedCode, SignedIn } from '#lib/contract.ts'
import { problemText } from '#lib/problem.ts'
import { failed, typedIn } from '#lib/server/forms.ts'
import { send } from '#lib/server/gateway.ts'
import { safeNext, withNext } from '#lib/server/next.ts'
import type { Actions, PageServerLoad } from './$types'

const kindOf = (event: RequestEvent): 'email' | 'sms' => {
  const { kind } = event.params
  return kind === 'email' || kind === 'sms' ? kind : error(404, problemText({ code: 'not_found' }))
}
/** After the password; or, by somebody who may, chosen as a factor. */
const enters = ({ locals }: RequestEvent) => locals.session?.next === 'second_factor'

export const load: PageServerLoad = (event) => ({
  kind: kindOf(event),
  enters: enters(event),
  next: safeNext(event.url.searchParams.get('next'))
})

export const actions: Actions = {
  /** Sends a code. Only after a press: nobody gets one because somebody opened a page. */
  send: async (event) => {
    const kind = kindOf(event)
    const typed = typedIn(await event.request.formData())
    const purpose = enters(event) ? 'enter' : 'set_up'
    const wish = {
      kind,
      purpose,
      ...(kind === 'sms' && purpose === 'set_up' && { phone: typed.phone ?? '' })
    }
    const answer = await send(event, 'POST', '/auth/codes', wish, AskedCode)
    return answer.ok
      ? { sent: true, expires_at: answer.data.expires_at }
      : failed(answer.problem, typed, 'send')
  },

  show: async (event) => {
    const typed = typedIn(await event.request.formData())
    const isEntry = enters(event)
    const path = isEntry ? '/auth/second-factor/code' : '/auth/second-factors/sent'
    const answer = await send(event, 'POST', path, { code: typed.code ?? '' }, SignedIn)
    if (!answer.ok) return failed(answer.problem, typed, 'show')
    const next = safeNext(event.url.searchParams.get('next'))
    if (isEntry) redirect(303, next)
    redirect(303, next.startsWith('/account') ? next : withNext('/second-factor/codes', next))
  }
}
