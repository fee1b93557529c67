import { error } from '@sveltejs/kit'
import { z } from 'zod'
import { MadeWebhook, Webhook } from '#lib/contract.ts'
import { problemText } from '#lib/problem.ts'
import { choicesOf } from '#lib/server/choices.ts'
import { failed } from '#lib/server/forms.ts'
import { load as get, send } from '#lib/server/gateway.ts'
import { typeGroups, typedOf, wishOf } from '#lib/server/webhook-form.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async (event) => {
  const person = event.locals.session?.person
  if (person?.staff_role !== 'administrator') error(404, problemText({ code: 'not_found' }))
  event.depends(`live:person:${person.id}`)
  const [{ items: webhooks }, projects] = await Promise.all([
    get(event, '/admin/webhooks', z.object({ items: z.array(Webhook) })),
    choicesOf(event, 'projects')
  ])
  return { webhooks, projects, groups: typeGroups }
}

export const actions: Actions = {
  create: async (event) => {
    const wish = wishOf(await event.request.formData())
    const answer = await send(event, 'POST', '/admin/webhooks', wish, MadeWebhook)
    return answer.ok ? { made: answer.data } : failed(answer.problem, typedOf(wish), 'create')
  }
}
