import { error } from '@sveltejs/kit'
import { IdentityProviderPage, ProviderTested } from '#lib/contract.ts'
import { problemText } from '#lib/problem.ts'
import { failed, typedIn } from '#lib/server/forms.ts'
import { load as get, send } from '#lib/server/gateway.ts'
import type { Actions, PageServerLoad } from './$types'

const ROLES = ['administrator', 'staff', 'assistant', 'auditor'] as const

export const load: PageServerLoad = async (event) => {
  if (event.locals.session?.person.staff_role !== 'administrator')
    error(404, problemText({ code: 'not_found' }))
  return { page: await get(event, '/admin/identity-provider', IdentityProviderPage) }
}

/** What stands between commas, or on lines of its own. */
const listOf = (text: string | undefined): string[] =>
  (text ?? '')
    .split(/[,\n]/)
    .map((one) => one.trim())
    .filter(Boolean)

export const actions: Actions = {
  save: async (event) => {
    const typed = typedIn(await event.request.formData())
    const { name, issuer, client_id, scopes, role_claim, factors } = typed
    const wish = {
      ...{ name, issuer, client_id, scopes: scopes ?? '', role_claim, factors },
      ...(typed.client_secret && { client_secret: typed.client_secret }),
      roles: Object.fromEntries(ROLES.map((role) => [role, listOf(typed[`role_${role}`])])),
      factor_values: listOf(typed.factor_values),
      enabled: typed.enabled === 'on',
      trusts_email: typed.trusts_email === 'on',
      creates_accounts: typed.creates_accounts === 'on',
      passwords_off: typed.passwords_off === 'on'
    }
    const answer = await send(event, 'PATCH', '/admin/identity-provider', wish, IdentityProviderPage)
    if (!answer.ok) return failed(answer.problem, typed)
    const passwords_on_again = wish.passwords_off && answer.data.provider?.passwords_off === false
    return { saved: true, passwords_on_again }
  },

  test: async (event) => {
    const typed = typedIn(await event.request.formData())
    const { issuer, client_id, client_secret } = typed
    const wish = { issuer, client_id, ...(client_secret && { client_secret }) }
    const answer = await send(event, 'POST', '/admin/identity-provider/test', wish, ProviderTested)
    if (!answer.ok) return failed(answer.problem, typed)
    const { client_secret: _, ...kept } = typed
    return { verdict: answer.data.verdict, typed: kept }
  }
}
