import { z } from 'zod'
import { Lock } from '#lib/contract.ts'
import { failed } from '#lib/server/forms.ts'
import { load as read, send } from '#lib/server/gateway.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async (event) => {
  event.depends('portico:locks')
  const project = event.url.searchParams.get('project')
  const query = project ? `?project_id=${encodeURIComponent(project)}` : ''
  return { locks: await read(event, `/documents/locks${query}`, z.array(Lock)), narrowed: project !== null }
}

export const actions: Actions = {
  lift: async (event) => {
    const id = String((await event.request.formData()).get('id') ?? '')
    const answer = await send(event, 'DELETE', `/documents/locks/${encodeURIComponent(id)}`)
    return answer.ok ? { lifted: id } : failed(answer.problem, {}, 'lift')
  }
}
