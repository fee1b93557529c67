import { error } from '@sveltejs/kit'
import { z } from 'zod'
import { Begun, DeadLetter, Reconciliations, WaitingJobs, pageOf } from '#lib/contract.ts'
import { problemText } from '#lib/problem.ts'
import { failed } from '#lib/server/forms.ts'
import { load as read, send } from '#lib/server/gateway.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async (event) => {
  if (event.locals.session?.person.staff_role !== 'administrator')
    error(404, problemText({ code: 'not_found' }))
  event.depends('portico:jobs')
  const cursor = event.url.searchParams.get('cursor')
  const query = new URLSearchParams({ limit: '50', ...(cursor && { cursor }) })
  const [waiting, dead, walks] = await Promise.all([
    read(event, '/admin/jobs', z.array(WaitingJobs)),
    read(event, `/admin/jobs/dead?${query}`, pageOf(DeadLetter)),
    read(event, '/admin/reconciliation', Reconciliations)
  ])
  return { waiting, dead, walks }
}

export const actions: Actions = {
  default: async (event) => {
    const ids = (await event.request.formData()).getAll('id').map(String)
    const answer = await send(event, 'POST', '/admin/jobs/dead/again', { ids }, Begun)
    return answer.ok ? { begun: answer.data.ids.length } : failed(answer.problem, {})
  }
}
