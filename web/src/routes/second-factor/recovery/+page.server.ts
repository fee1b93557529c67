import { redirect } from '@sveltejs/kit'
import { Recovered } from '#lib/contract.ts'
import { failed, typedIn } from '#lib/server/forms.ts'
import { send } from '#lib/server/gateway.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = ({ locals }) => {
  if (locals.session?.next === 'done') redirect(303, '/')
  if (locals.session?.next !== 'second_factor') redirect(303, '/second-factor')
}

export const actions: Actions = {
  default: async (event) => {
    const typed = typedIn(await event.request.formData())
    const answer = await send(
      event,
      'POST',
      '/auth/second-factor/recovery',
      { code: typed.code ?? '' },
      Recovered
    )
    if (!answer.ok) return failed(answer.problem, typed)
    // The code that the firm gave: all factors are gone, and a new one comes first.
    if (answer.data.left === null) redirect(303, '/second-factor')
    redirect(303, `/account/security?recovered=${answer.data.left}`)
  }
}
