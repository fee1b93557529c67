import { error } from '@sveltejs/kit'
import { Account, Deputies, Holdings, MadeWayIn } from '#lib/contract.ts'
import { problemText } from '#lib/problem.ts'
import { endDeputy, nameDeputy } from '#lib/server/deputies.ts'
import { failed, orNull, typedIn } from '#lib/server/forms.ts'
import { load as read, send } from '#lib/server/gateway.ts'
import { daysOn } from '#lib/sharing/until.ts'
import type { Actions, PageServerLoad, RequestEvent } from './$types'

const ASKED = new Set(['lock', 'hand-over', 'way-in'])

export const load: PageServerLoad = async (event) => {
  const me = event.locals.session?.person
  if (me?.staff_role !== 'administrator') error(404, problemText({ code: 'not_found' }))
  event.depends(`live:person:${me.id}`)
  const asked = event.url.searchParams.get('ask') ?? ''
  const path = `/admin/people/${event.params.id}` as const
  const account = await read(event, path, Account)
  const works = account.active && account.joined && account.staff_role && account.staff_role !== 'auditor'
  return {
    account,
    deputies: works ? await read(event, `/admin/deputies?person_id=${account.id}`, Deputies) : null,
    /** What the form proposes as the end of an absence. */
    proposed: daysOn(Date.now(), 14, me.time_zone),
    holdings: asked === 'lock' || !account.active ? await read(event, `${path}/holdings`, Holdings) : null,
    asked: ASKED.has(asked) ? asked : null
  }
}

async function change(event: RequestEvent, wish: object, done: string) {
  const answer = await send(event, 'PATCH', `/admin/people/${event.params.id}`, wish, Account)
  return answer.ok ? { done } : failed(answer.problem, {})
}

export const actions: Actions = {
  role: async (event) => {
    const { staff_role } = typedIn(await event.request.formData())
    return change(event, { staff_role }, 'role')
  },
  /** With somebody named, what they held goes there. */
  lock: async (event) => {
    const { hand_over_to } = typedIn(await event.request.formData())
    return change(event, { active: false, hand_over_to: orNull(hand_over_to) }, 'lock')
  },
  /** Of an account that is locked already. */
  hand_over: async (event) => {
    const { hand_over_to } = typedIn(await event.request.formData())
    return change(event, { hand_over_to: orNull(hand_over_to) }, 'hand_over')
  },
  deputy: (event) => nameDeputy(event, event.params.id ?? null),
  end_deputy: endDeputy,
  unlock: (event) => change(event, { active: true }, 'unlock'),
  /** A code beside the factors that are lost. It is in this answer only. */
  way_in: async (event) => {
    const path = `/admin/people/${event.params.id}/way-in` as const
    const answer = await send(event, 'POST', path, undefined, MadeWayIn)
    return answer.ok ? { done: 'way_in', made: answer.data } : failed(answer.problem, {})
  },
  confirm_way_in: async (event) => {
    const answer = await send(event, 'POST', `/admin/people/${event.params.id}/way-in/confirm`)
    return answer.ok ? { done: 'confirm_way_in' } : failed(answer.problem, {})
  },
  withdraw_way_in: async (event) => {
    const answer = await send(event, 'DELETE', `/admin/people/${event.params.id}/way-in`)
    return answer.ok ? { done: 'withdraw_way_in' } : failed(answer.problem, {})
  }
}
