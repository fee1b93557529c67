import { z } from 'zod'
import { ApiKey, MadeApiKey } from '#lib/contract.ts'
import { choicesOf } from '#lib/server/choices.ts'
import { failed, orNull, typedIn } from '#lib/server/forms.ts'
import { load as get, send } from '#lib/server/gateway.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async (event) => {
  const person = event.locals.session?.person
  if (person) event.depends(`live:person:${person.id}`)
  const [{ items: keys }, projects] = await Promise.all([
    get(event, '/admin/keys', z.object({ items: z.array(ApiKey) })),
    choicesOf(event, 'projects')
  ])
  return { keys, projects }
}

export const actions: Actions = {
  create: async (event) => {
    const data = await event.request.formData()
    const typed = typedIn(data)
    const scopes = data.getAll('scope')
    const wish = {
      name: typed.name ?? '',
      scopes,
      project_id: orNull(typed.project_id),
      days: Number(typed.days)
    }
    const answer = await send(event, 'POST', '/admin/keys', wish, MadeApiKey)
    return answer.ok
      ? { made: answer.data }
      : failed(answer.problem, { ...typed, scopes: scopes.join(' ') }, 'create')
  },
  revoke: async (event) => {
    const typed = typedIn(await event.request.formData())
    const answer = await send(event, 'DELETE', `/admin/keys/${encodeURIComponent(typed.id ?? '')}`)
    return answer.ok ? { revoked: true } : failed(answer.problem, typed, 'revoke')
  }
}
