import { error } from '@sveltejs/kit'
import { Deputies } from '#lib/contract.ts'
import { problemText } from '#lib/problem.ts'
import { endDeputy, nameDeputy } from '#lib/server/deputies.ts'
import { load as read } from '#lib/server/gateway.ts'
import { daysOn } from '#lib/sharing/until.ts'
import type { Actions, PageServerLoad } from './$types'

/** Days that the form proposes. */
const FORTNIGHT = 14

export const load: PageServerLoad = async (event) => {
  const me = event.locals.session?.person
  if (!me?.staff_role || me.staff_role === 'auditor') error(404, problemText({ code: 'not_found' }))
  event.depends(`live:person:${me.id}`)
  return {
    deputies: await read(event, '/admin/deputies', Deputies),
    proposed: daysOn(Date.now(), FORTNIGHT, me.time_zone)
  }
}

export const actions: Actions = {
  deputy: (event) => nameDeputy(event, null),
  end_deputy: endDeputy
}
