import { redirect } from '@sveltejs/kit'
import { MadeRecoveryCodes } from '#lib/contract.ts'
import { failed } from '#lib/server/forms.ts'
import { send } from '#lib/server/gateway.ts'
import { safeNext } from '#lib/server/next.ts'
import type { Actions, PageServerLoad } from './$types'

/** After the first second factor: the codes that stand in for it. They are made on a press, so that they are seen. */
export const load: PageServerLoad = ({ locals, url }) => {
  if (locals.session?.next !== 'done') redirect(303, '/second-factor')
  return { next: safeNext(url.searchParams.get('next')) }
}

export const actions: Actions = {
  default: async (event) => {
    const answer = await send(event, 'POST', '/auth/recovery-codes', {}, MadeRecoveryCodes)
    return answer.ok ? { made: answer.data } : failed(answer.problem, {})
  }
}
