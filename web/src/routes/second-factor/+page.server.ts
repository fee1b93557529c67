import { type RequestEvent, redirect } from '@sveltejs/kit'
import { SentOffers, SignedIn, TotpSetup } from '#lib/contract.ts'
import { passkeysPossible } from '#lib/server/passkeys.ts'
import { failed, typedIn } from '#lib/server/forms.ts'
import { give, load as read, send } from '#lib/server/gateway.ts'
import { safeNext, withNext } from '#lib/server/next.ts'
import type { Actions, PageServerLoad } from './$types'

/** With a second factor: what can be shown. Without: the secret for the app, the same for the whole session. */
export const load: PageServerLoad = async (event) => {
  const session = event.locals.session
  const next = safeNext(event.url.searchParams.get('next'))
  const later = session?.next === 'done'
  if (later && !session.factor_due) redirect(303, next)
  const has = session?.second_factors ?? []
  if (session?.next === 'second_factor') {
    const [app, passkey] = [has.includes('app'), has.includes('passkey')]
    const sent = has.filter((kind) => kind === 'email' || kind === 'sms')
    // Where nothing else could be shown the question would have one answer.
    if (!app && !passkey && sent.length === 1) redirect(303, withNext(`/second-factor/code/${sent[0]}`, next))
    return { next, codes: next, setup: null, later, app, passkey, sent, prove: false }
  }
  return { next, codes: withNext('/second-factor/codes', next), later, ...(await setupFor(event)) }
}

/** Another factor is set up by whoever showed one of late: the page asks for it where it has been too long. */
async function setupFor(event: RequestEvent) {
  const offers = await read(event, '/auth/second-factor/offers', SentOffers)
  const sent = (['email', 'sms'] as const).filter((kind) => offers[kind] === 'yes')
  const common = { sent, app: true, passkey: passkeysPossible }
  const answer = await send(event, 'POST', '/auth/second-factor/set-up', {}, TotpSetup)
  if (!answer.ok && answer.problem.code === 'proof_needed') return { ...common, setup: null, prove: true }
  if (!answer.ok) give(event, answer.problem)
  const { secret, qr } = answer.data
  const setup = { groups: secret.match(/.{1,4}/g) ?? [], uri: answer.data.otpauth_uri, qr }
  return { ...common, setup, prove: false }
}

export const actions: Actions = {
  default: async (event) => {
    const typed = typedIn(await event.request.formData())
    const setting_up = event.locals.session?.next !== 'second_factor'
    const path = setting_up ? '/auth/second-factor/confirm' : '/auth/second-factor'
    const answer = await send(event, 'POST', path, { code: typed.code ?? '' }, SignedIn)
    if (!answer.ok) return failed(answer.problem, typed)
    const next = safeNext(event.url.searchParams.get('next'))
    redirect(303, setting_up ? withNext('/second-factor/codes', next) : next)
  }
}
