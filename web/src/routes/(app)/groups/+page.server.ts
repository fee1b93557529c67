import { error, redirect } from '@sveltejs/kit'
import { Group, GroupPage } from '#lib/contract.ts'
import { problemText } from '#lib/problem.ts'
import { loadAll } from '#lib/server/all.ts'
import { failed, typedIn } from '#lib/server/forms.ts'
import { send } from '#lib/server/gateway.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async (event) => {
  const me = event.locals.session?.person
  if (!me?.staff_role) error(404, problemText({ code: 'not_found' }))
  event.depends(`live:person:${me.id}`)
  return {
    groups: await loadAll(event, '/admin/groups', Group),
    may_make: me.staff_role === 'administrator' || me.staff_role === 'staff',
    making: event.url.searchParams.has('new')
  }
}

export const actions: Actions = {
  default: async (event) => {
    const typed = typedIn(await event.request.formData())
    const answer = await send(event, 'POST', '/admin/groups', { name: typed.name }, GroupPage)
    if (!answer.ok) return failed(answer.problem, typed)
    redirect(303, `/groups/${answer.data.id}`)
  }
}
