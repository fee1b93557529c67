import { error, redirect } from '@sveltejs/kit'
import { Locale, Preferences } from '#lib/contract.ts'
import { give, send } from '#lib/server/gateway.ts'
import { keepLocale } from '#lib/server/locale.ts'
import { ownPath } from '#lib/server/next.ts'
import type { RequestHandler } from './$types'

/** Changes the language: in the account when somebody is signed in, in the cookie always. */
export const POST: RequestHandler = async (event) => {
  const form = await event.request.formData()
  const locale = Locale.safeParse(form.get('locale'))
  if (!locale.success) error(422, 'locale')
  if (event.locals.session) {
    const answer = await send(event, 'PATCH', '/auth/session', Preferences.parse({ locale: locale.data }))
    if (!answer.ok && answer.problem.status !== 401) give(event, answer.problem)
  }
  keepLocale(event, locale.data)
  redirect(303, ownPath(form.get('back')))
}
