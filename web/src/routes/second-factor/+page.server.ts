import { redirect } from '@sveltejs/kit'
import { SignedIn, TotpSetup } from '#lib/contract.ts'
import { passkeysPossible } from '#lib/server/passkeys.ts'
import { failed, typedIn } from '#lib/server/forms.ts'
import { give, send } from '#lib/server/gateway.ts'
import { safeNext, withNext } from '#lib/server/next.ts'
import type { Actions, PageServerLoad } from './$types'

/** With a second factor: what can be shown. Without: the secret for the app, the same for the whole session. */
export const load: PageServerLoad = async (event) => {
  const { locals, url } = event
  const next = safeNext(url.searchParams.get('next'))
  if (locals.session?.next === 'done') redirect(303, next)
  const has = locals.session?.second_factors ?? []
  if (locals.session?.next !== 'set_up_second_factor')
    return { next, codes: next, setup: null, app: has.includes('app'), passkey: has.includes('passkey') }
  const answer = await send(event, 'POST', '/auth/second-factor/set-up', {}, TotpSetup)
  if (!answer.ok) give(event, answer.problem)
  const { secret, qr } = answer.data
  const setup = { groups: secret.match(/.{1,4}/g) ?? [], uri: answer.data.otpauth_uri, qr }
  return { next, codes: withNext('/second-factor/codes', next), setup, app: true, passkey: passkeysPossible }
}

export const actions: Actions = {
  default: async (event) => {
    const typed = typedIn(await event.request.formData())
    const setting_up = event.locals.session?.next === 'set_up_second_factor'
    const path = setting_up ? '/auth/second-factor/confirm' : '/auth/second-factor'
    const answer = await send(event, 'POST', path, { code: typed.code ?? '' }, SignedIn)
    if (!answer.ok) return failed(answer.problem, typed)
    const next = safeNext(event.url.searchParams.get('next'))
    redirect(303, setting_up ? withNext('/second-factor/codes', next) : next)
  }
}
