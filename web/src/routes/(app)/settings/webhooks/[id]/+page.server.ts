import { error, redirect } from '@sveltejs/kit'
import { MadeWebhook, Webhook, WebhookDelivery, WebhookReplayed, pageOf } from '#lib/contract.ts'
import { problemText } from '#lib/problem.ts'
import { choicesOf } from '#lib/server/choices.ts'
import { failed, typedIn } from '#lib/server/forms.ts'
import { load as get, send } from '#lib/server/gateway.ts'
import { typeGroups, typedOf, wishOf } from '#lib/server/webhook-form.ts'
import type { Actions, PageServerLoad } from './$types'

const HOUR_MS = 3_600_000

export const load: PageServerLoad = async (event) => {
  const person = event.locals.session?.person
  if (person?.staff_role !== 'administrator') error(404, problemText({ code: 'not_found' }))
  event.depends(`live:person:${person.id}`, 'portico:webhook')
  const path: `/${string}` = `/admin/webhooks/${encodeURIComponent(event.params.id)}`
  const { searchParams } = event.url
  const cursor = searchParams.get('cursor')
  const failed_only = searchParams.get('show') === 'failed'
  const query = new URLSearchParams({
    limit: '25',
    ...(cursor && { cursor }),
    ...(failed_only && { state: 'failed' })
  })
  const [webhook, deliveries, projects] = await Promise.all([
    get(event, path, Webhook),
    get(event, `${path}/deliveries?${query}`, pageOf(WebhookDelivery)),
    choicesOf(event, 'projects')
  ])
  const asked = searchParams.get('ask')
  return { webhook, deliveries, projects, groups: typeGroups, failed_only, older: cursor !== null, asked }
}

const pathOf = (id: string, rest = ''): `/${string}` => `/admin/webhooks/${encodeURIComponent(id)}${rest}`

export const actions: Actions = {
  change: async (event) => {
    const wish = wishOf(await event.request.formData())
    const answer = await send(event, 'PATCH', pathOf(event.params.id), wish, Webhook)
    return answer.ok ? { saved: true } : failed(answer.problem, typedOf(wish), 'change')
  },
  state: async (event) => {
    const typed = typedIn(await event.request.formData())
    const answer = await send(event, 'PATCH', pathOf(event.params.id), { state: typed.state }, Webhook)
    return answer.ok ? { state: answer.data.state } : failed(answer.problem, typed, 'state')
  },
  secret: async (event) => {
    const answer = await send(event, 'POST', pathOf(event.params.id, '/secret'), {}, MadeWebhook)
    return answer.ok ? { secret: answer.data.secret } : failed(answer.problem, {}, 'secret')
  },
  test: async (event) => {
    const answer = await send(event, 'POST', pathOf(event.params.id, '/test'), {}, WebhookDelivery)
    return answer.ok ? { tested: answer.data.id } : failed(answer.problem, {}, 'test')
  },
  again: async (event) => {
    const typed = typedIn(await event.request.formData())
    const path = pathOf(event.params.id, `/deliveries/${encodeURIComponent(typed.delivery ?? '')}/again`)
    const answer = await send(event, 'POST', path, {}, WebhookReplayed)
    return answer.ok ? { again: answer.data.count } : failed(answer.problem, typed, 'again')
  },
  since: async (event) => {
    const typed = typedIn(await event.request.formData())
    const since = new Date(Date.now() - Number(typed.hours) * HOUR_MS)
    if (Number.isNaN(since.getTime())) error(400, problemText({ code: 'invalid_request' }))
    const body = { since: since.toISOString() }
    const answer = await send(event, 'POST', pathOf(event.params.id, '/again'), body, WebhookReplayed)
    return answer.ok ? { again: answer.data.count } : failed(answer.problem, typed, 'since')
  },
  remove: async (event) => {
    const answer = await send(event, 'DELETE', pathOf(event.params.id))
    if (!answer.ok) return failed(answer.problem, {}, 'remove')
    redirect(303, '/settings/webhooks')
  }
}
