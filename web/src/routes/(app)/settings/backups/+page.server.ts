import { error } from '@sveltejs/kit'
import { Backups } from '#lib/contract.ts'
import { problemText } from '#lib/problem.ts'
import { load as get } from '#lib/server/gateway.ts'
import type { PageServerLoad } from './$types'

export const load: PageServerLoad = async (event) => {
  if (event.locals.session?.person.staff_role !== 'administrator')
    error(404, problemText({ code: 'not_found' }))
  event.depends('portico:backups')
  return { backups: await get(event, '/admin/backups', Backups) }
}
