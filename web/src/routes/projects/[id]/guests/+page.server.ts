import { type ActionFailure, error } from '@sveltejs/kit'
import { Guests, Invitation, Level, Locale } from '#lib/contract.ts'
import { type Failed, problemText } from '#lib/problem.ts'
import { instantOf } from '#lib/project/zone.ts'
import { failed, typedIn } from '#lib/server/forms.ts'
import { load as read, send } from '#lib/server/gateway.ts'
import { daysOn } from '#lib/sharing/until.ts'
import type { Actions, PageServerLoad, RequestEvent } from './$types'

const ASKED = ['invite', 'extend', 'end', 'stay'] as const
const zoneOf = (event: RequestEvent) => event.locals.session?.person.time_zone ?? 'UTC'

export const load: PageServerLoad = async (event) => {
  event.depends('portico:access')
  const { project } = await event.parent()
  const staff = event.locals.session?.person.staff_role
  if (!staff || staff === 'auditor' || project.level !== 'manage')
    error(404, problemText({ code: 'not_found' }))
  const guests = await read(event, `/admin/projects/${project.id}/guests`, Guests)
  const who = event.url.searchParams.get('person')
  const guest = guests.items.find((one) => one.person.id === who) ?? null
  const asked = ASKED.find((one) => one === event.url.searchParams.get('ask')) ?? null
  return {
    guests: guests.items,
    asked: asked === 'invite' || guest ? asked : null,
    guest,
    days_max: guests.days_max,
    may_invite: staff !== 'assistant',
    /** What the form proposes: a month, or as long as guests may stay. */
    proposed: daysOn(Date.now(), Math.min(30, guests.days_max), zoneOf(event))
  }
}

async function change(
  event: RequestEvent,
  form: string,
  wish: (typed: Record<string, string>) => object
): Promise<{ done: string } | ActionFailure<Failed>> {
  const typed = typedIn(await event.request.formData())
  const path = `/admin/projects/${event.params.id}/guests/${typed.person ?? ''}` as const
  const answer = await send(event, 'PATCH', path, wish(typed), Guests)
  return answer.ok ? { done: form } : failed(answer.problem, typed, form)
}

export const actions: Actions = {
  invite: async (event) => {
    const typed = typedIn(await event.request.formData())
    const wish = {
      email: typed.email ?? '',
      name: typed.name ?? '',
      locale: Locale.catch('de').parse(typed.locale),
      project_id: event.params.id,
      level: Level.catch('view').parse(typed.level),
      // What is no date is refused like one that has been, and never means "without end".
      guest_until: instantOf(typed.guest_until ?? '', zoneOf(event)) ?? new Date(0).toISOString()
    }
    const answer = await send(event, 'POST', '/admin/invitations', wish, Invitation)
    return answer.ok ? { done: 'invite' } : failed(answer.problem, typed, 'invite')
  },
  extend: (event) =>
    change(event, 'extend', ({ valid_until = '' }) => ({
      valid_until: instantOf(valid_until, zoneOf(event)) ?? ''
    })),
  end: (event) => change(event, 'end', () => ({ valid_until: new Date().toISOString() })),
  take: (event) => change(event, 'take', () => ({ take_over: true })),
  stay: (event) => change(event, 'stay', () => ({ stays: true }))
}
