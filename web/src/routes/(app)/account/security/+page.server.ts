import { MadeRecoveryCodes, SecondFactors } from '#lib/contract.ts'
import { failed, typedIn } from '#lib/server/forms.ts'
import { load as get, send } from '#lib/server/gateway.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async (event) => {
  const person = event.locals.session?.person
  if (person) event.depends(`live:person:${person.id}`)
  const recovered = event.url.searchParams.has('recovered')
  return { factors: await get(event, '/auth/second-factors', SecondFactors), recovered }
}

export const actions: Actions = {
  rename: async (event) => {
    const typed = typedIn(await event.request.formData())
    const path = `/auth/passkeys/${encodeURIComponent(typed.id ?? '')}` as const
    const answer = await send(event, 'PATCH', path, { name: typed.name ?? '' })
    return answer.ok ? { done: true } : failed(answer.problem, typed, 'rename')
  },
  remove: async (event) => {
    const typed = typedIn(await event.request.formData())
    const answer = await send(event, 'DELETE', `/auth/passkeys/${encodeURIComponent(typed.id ?? '')}`)
    return answer.ok ? { done: true } : failed(answer.problem, typed, 'remove')
  },
  remove_sent: async (event) => {
    const { kind = '' } = typedIn(await event.request.formData())
    const answer = await send(event, 'DELETE', `/auth/second-factors/sent/${encodeURIComponent(kind)}`)
    return answer.ok ? { done: true } : failed(answer.problem, {}, 'remove_sent')
  },
  codes: async (event) => {
    const answer = await send(event, 'POST', '/auth/recovery-codes', {}, MadeRecoveryCodes)
    return answer.ok ? { made: answer.data } : failed(answer.problem, {}, 'codes')
  },
  remove_app: async (event) => {
    const answer = await send(event, 'DELETE', '/auth/second-factors/app')
    return answer.ok ? { done: true } : failed(answer.problem, {}, 'remove')
  }
}
