import { error } from '@sveltejs/kit'
import { DeadLetterHistory } from '#lib/contract.ts'
import { problemText } from '#lib/problem.ts'
import { load as read } from '#lib/server/gateway.ts'
import type { PageServerLoad } from './$types'

export const load: PageServerLoad = async (event) => {
  if (event.locals.session?.person.staff_role !== 'administrator')
    error(404, problemText({ code: 'not_found' }))
  return { letter: await read(event, `/admin/jobs/dead/${event.params.id}`, DeadLetterHistory) }
}
