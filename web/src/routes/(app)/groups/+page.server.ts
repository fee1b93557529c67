import { error, redirect } from '@sveltejs/kit'
import { Group, GroupPage, pageOf } from '#lib/contract.ts'
import { problemText } from '#lib/problem.ts'
import { failed, typedIn } from '#lib/server/forms.ts'
import { load as read, send } from '#lib/server/gateway.ts'
import { isMany, narrowedBy } from '#lib/server/narrowed.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async (event) => {
  const me = event.locals.session?.person
  if (!me?.staff_role) error(404, problemText({ code: 'not_found' }))
  event.depends(`live:person:${me.id}`)
  const narrowed = narrowedBy(event, 'groups')
  const found = await read(event, `/admin/groups?${narrowed.query}`, pageOf(Group))
  return {
    ...{ groups: found.items, next: found.next, q: narrowed.q, many: isMany(narrowed, found) },
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
