import { error } from '@sveltejs/kit'
import { SignInAffected, type SignInRules, SignInSettings } from '#lib/contract.ts'
import { problemText } from '#lib/problem.ts'
import { failed, typedIn } from '#lib/server/forms.ts'
import { load as get, send } from '#lib/server/gateway.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async (event) => {
  if (event.locals.session?.person.staff_role !== 'administrator')
    error(404, problemText({ code: 'not_found' }))
  event.depends(`live:person:${event.locals.session.person.id}`)
  return { settings: await get(event, '/admin/sign-in', SignInSettings) }
}

const FOR = ['everybody', 'staff', 'nobody'] as const

function rulesIn(typed: Record<string, string>): SignInRules {
  return {
    second_factor_for: FOR.find((one) => one === typed.second_factor_for) ?? 'everybody',
    second_factor_days: Number(typed.second_factor_days),
    email_codes: typed.email_codes === 'on',
    sms_codes: typed.sms_codes === 'on',
    way_in_four_eyes: typed.way_in_four_eyes === 'on'
  }
}

export const actions: Actions = {
  /** Whom it would concern, before it is so. */
  ask: async (event) => {
    const typed = typedIn(await event.request.formData())
    const rules = rulesIn(typed)
    const answer = await send(event, 'POST', '/admin/sign-in/preview', rules, SignInAffected)
    return answer.ok ? { asked: { rules, affected: answer.data } } : failed(answer.problem, typed)
  },
  save: async (event) => {
    const typed = typedIn(await event.request.formData())
    const answer = await send(event, 'PATCH', '/admin/sign-in', rulesIn(typed), SignInSettings)
    return answer.ok ? { saved: true } : failed(answer.problem, typed)
  }
}
