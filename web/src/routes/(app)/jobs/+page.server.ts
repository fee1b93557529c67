import { type RequestEvent, error } from '@sveltejs/kit'
import { z } from 'zod'
import { Begun, DeadLetter, RecentJobs, Reconciliations, WaitingJobs, pageOf } from '#lib/contract.ts'
import { problemText } from '#lib/problem.ts'
import { failed } from '#lib/server/forms.ts'
import { load as read, send } from '#lib/server/gateway.ts'
import type { Actions, PageServerLoad } from './$types'

/** Dead letters that one call lists, and begins anew. */
const AT_ONCE = 200

export const load: PageServerLoad = async (event) => {
  if (event.locals.session?.person.staff_role !== 'administrator')
    error(404, problemText({ code: 'not_found' }))
  event.depends('portico:jobs')
  const [waiting, recent, dead, walks] = await Promise.all([
    read(event, '/admin/jobs', z.array(WaitingJobs)),
    read(event, '/admin/jobs/recent', RecentJobs),
    deadLetters(event, 50, event.url.searchParams.get('cursor')),
    read(event, '/admin/reconciliation', Reconciliations)
  ])
  return { waiting, recent, dead, walks }
}

export const actions: Actions = {
  default: async (event) => {
    const form = await event.request.formData()
    if (form.has('all')) return beginAll(event)
    return begin(event, form.getAll('id').map(String))
  }
}

function deadLetters(event: RequestEvent, limit: number, cursor: string | null) {
  const query = new URLSearchParams({ limit: String(limit), ...(cursor && { cursor }) })
  return read(event, `/admin/jobs/dead?${query}`, pageOf(DeadLetter))
}

async function begin(event: RequestEvent, ids: string[]) {
  const answer = await send(event, 'POST', '/admin/jobs/dead/again', { ids }, Begun)
  return answer.ok ? { begun: answer.data.ids.length } : failed(answer.problem, {})
}

/** All there are, also those of later pages. What dies again meanwhile comes before the cursor: there is an end. */
async function beginAll(event: RequestEvent) {
  let begun = 0
  for (let cursor: string | null = null; ;) {
    const dead = await deadLetters(event, AT_ONCE, cursor)
    if (dead.items.length > 0) {
      const some = await begin(
        event,
        dead.items.map((one) => one.id)
      )
      if (!('begun' in some)) return some
      begun += some.begun
    }
    cursor = dead.next
    if (cursor === null) return { begun }
  }
}
