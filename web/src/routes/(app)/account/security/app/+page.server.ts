import { redirect } from '@sveltejs/kit'
import { SignedIn, TotpSetup } from '#lib/contract.ts'
import { failed, typedIn } from '#lib/server/forms.ts'
import { give, send } from '#lib/server/gateway.ts'
import type { Actions, PageServerLoad } from './$types'

/** The secret for an app beside the factors that are there; null while one of those is to be shown again first. */
export const load: PageServerLoad = async (event) => {
  if (event.locals.session?.second_factors.includes('app')) redirect(303, '/account/security')
  const answer = await send(event, 'POST', '/auth/second-factor/set-up', {}, TotpSetup)
  if (!answer.ok && answer.problem.code === 'proof_needed') return { setup: null }
  if (!answer.ok) give(event, answer.problem)
  const { secret, qr } = answer.data
  return { setup: { groups: secret.match(/.{1,4}/g) ?? [], uri: answer.data.otpauth_uri, qr } }
}

export const actions: Actions = {
  default: async (event) => {
    const typed = typedIn(await event.request.formData())
    const answer = await send(
      event,
      'POST',
      '/auth/second-factor/confirm',
      { code: typed.code ?? '' },
      SignedIn
    )
    if (!answer.ok) return failed(answer.problem, typed)
    redirect(303, '/account/security')
  }
}
