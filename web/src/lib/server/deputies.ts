/** Forms about deputies: one's own page has them, and a person's page for administrators. */
import type { ActionFailure, RequestEvent } from '@sveltejs/kit'
import { Deputies } from '#lib/contract.ts'
import type { Failed } from '#lib/problem.ts'
import { instantOf } from '#lib/project/zone.ts'
import { failed, orNull, typedIn } from './forms.ts'
import { send } from './gateway.ts'

type Answer = Promise<{ done: string } | ActionFailure<Failed>>

const zoneOf = (event: RequestEvent) => event.locals.session?.person.time_zone ?? 'UTC'

/** `absent_id`: who is away; null: oneself. */
export async function nameDeputy(event: RequestEvent, absent_id: string | null): Answer {
  const typed = typedIn(await event.request.formData())
  const from = orNull(typed.valid_from)
  const wish = {
    absent_id,
    deputy_id: typed.deputy_id ?? '',
    valid_from: from && (instantOf(from, zoneOf(event)) ?? ''),
    valid_until: instantOf(typed.valid_until ?? '', zoneOf(event)) ?? ''
  }
  const answer = await send(event, 'POST', '/admin/deputies', wish, Deputies)
  return answer.ok ? { done: 'deputy' } : failed(answer.problem, typed, 'deputy')
}

export async function endDeputy(event: RequestEvent): Answer {
  const typed = typedIn(await event.request.formData())
  const path = `/admin/deputies/${encodeURIComponent(typed.id ?? '')}/end` as const
  const answer = await send(event, 'POST', path)
  return answer.ok ? { done: 'deputy_ended' } : failed(answer.problem, typed, 'end_deputy')
}
