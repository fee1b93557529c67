import { type ActionFailure, error, redirect } from '@sveltejs/kit'
import { GroupLoss, GroupPage } from '#lib/contract.ts'
import { type Failed, problemText } from '#lib/problem.ts'
import { instantOf } from '#lib/project/zone.ts'
import { choicesOf } from '#lib/server/choices.ts'
import { failed, typedIn } from '#lib/server/forms.ts'
import { load as read, send } from '#lib/server/gateway.ts'
import type { Actions, PageServerLoad, RequestEvent } from './$types'

const ASKED = ['rename', 'add', 'out', 'end'] as const

export const load: PageServerLoad = async (event) => {
  const me = event.locals.session?.person
  if (!me?.staff_role) error(404, problemText({ code: 'not_found' }))
  event.depends(`live:person:${me.id}`)
  const path = `/admin/groups/${event.params.id}` as const
  const group = await read(event, path, GroupPage)
  const asked = (group.may_change && ASKED.find((one) => one === event.url.searchParams.get('ask'))) || null
  const who = event.url.searchParams.get('member')
  const member = group.members.find((one) => one.id === who) ?? null
  const query = asked === 'out' && member ? `?member_id=${member.id}` : ''
  const newcomer = (asked === 'add' && event.url.searchParams.get('who')) || ''
  const [loss, members, gain] = await Promise.all([
    asked === 'end' || query ? read(event, `${path}/loss${query}`, GroupLoss) : [],
    asked === 'add' ? choicesOf(event, 'members', newcomer) : null,
    newcomer ? send(event, 'POST', `${path}/members/preview`, newMember(newcomer), GroupLoss) : null
  ])
  /** Null: nobody is chosen, or nobody who could be let in; saving says why. */
  return { group, asked, member, loss, members, gain: gain?.ok ? gain.data : null }
}

/** `person:ID` or `group:ID`, as the field sends it. */
function newMember(who: string): { kind: string | undefined; id: string | undefined } {
  const [kind, id] = who.split(':')
  return { kind, id }
}

async function act(
  event: RequestEvent,
  form: string,
  method: 'POST' | 'PATCH' | 'DELETE',
  rest: (typed: Record<string, string>) => string,
  wish?: (typed: Record<string, string>) => object
): Promise<{ done: string } | ActionFailure<Failed>> {
  const typed = typedIn(await event.request.formData())
  const path = `/admin/groups/${event.params.id}${rest(typed)}` as const
  const answer = await send(event, method, path, wish?.(typed), GroupPage)
  return answer.ok ? { done: form } : failed(answer.problem, typed, form)
}

export const actions: Actions = {
  rename: (event) =>
    act(
      event,
      'rename',
      'PATCH',
      () => '',
      ({ name }) => ({ name })
    ),
  add: (event) => {
    const zone = event.locals.session?.person.time_zone ?? 'UTC'
    return act(
      event,
      'add',
      'POST',
      () => '/members',
      ({ who = '', from = '', until = '' }) => {
        return { ...newMember(who), valid_from: instantOf(from, zone), valid_until: instantOf(until, zone) }
      }
    )
  },
  out: (event) => act(event, 'out', 'DELETE', ({ member = '' }) => `/members/${member}`),
  end: async (event) => {
    const answer = await send(event, 'DELETE', `/admin/groups/${event.params.id}`)
    if (!answer.ok) return failed(answer.problem, {}, 'end')
    redirect(303, '/groups')
  }
}
