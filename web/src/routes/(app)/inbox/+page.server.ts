import { redirect } from '@sveltejs/kit'
import { z } from 'zod'
import { Emergencies, Notice, ToldDeputies, Unread, Webhook, pageOf } from '#lib/contract.ts'
import { failed, typedIn } from '#lib/server/forms.ts'
import { load as get, send } from '#lib/server/gateway.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async (event) => {
  const person = event.locals.session?.person
  if (person) event.depends(`live:person:${person.id}`)
  const cursor = event.url.searchParams.get('cursor')
  const query = new URLSearchParams({ limit: '50', ...(cursor && { cursor }) })
  const runs_firm = person?.staff_role === 'administrator'
  const works = Boolean(person?.staff_role) && person?.staff_role !== 'auditor'
  const [notices, deputies, emergencies, webhooks] = await Promise.all([
    get(event, `/auth/notices?${query}`, pageOf(Notice)),
    works ? get(event, '/admin/deputies/told', ToldDeputies) : null,
    runs_firm ? get(event, '/admin/emergencies', Emergencies) : null,
    runs_firm ? get(event, '/admin/webhooks', z.object({ items: z.array(Webhook) })) : null
  ])
  return {
    notices,
    deputies: deputies?.items ?? [],
    emergencies: emergencies?.items.filter((one) => one.unread) ?? [],
    webhooks: webhooks?.items.filter((one) => one.told) ?? []
  }
}

export const actions: Actions = {
  all: async (event) => {
    const answer = await send(event, 'POST', '/auth/notices/read', {}, Unread)
    return answer.ok ? { read: true } : failed(answer.problem, {}, 'all')
  },

  /** Opens the deputies of whoever is away: one's own page, or the page of somebody else. */
  deputy: async (event) => {
    const typed = typedIn(await event.request.formData())
    const answer = await send(event, 'POST', '/admin/deputies/told/read', { ids: [typed.id ?? ''] })
    if (!answer.ok) return failed(answer.problem, typed, 'deputy')
    redirect(303, typed.absent ? `/people/${encodeURIComponent(typed.absent)}` : '/account/deputies')
  },

  /** Opens what an entry is about: then it has been read. */
  open: async (event) => {
    const typed = typedIn(await event.request.formData())
    const answer = await send(event, 'POST', '/auth/notices/read', { ids: [typed.id ?? ''] }, Unread)
    if (!answer.ok) return failed(answer.problem, typed, 'open')
    if (typed.kind === 'archives') redirect(303, '/archives')
    const kind = typed.kind === 'documents' ? 'documents' : 'projects'
    const tab = typed.kind === 'links' || typed.kind === 'guests' ? `/${typed.kind}` : ''
    const place = kind === 'documents' && typed.about === 'comment' ? '?comments' : ''
    redirect(303, `/${kind}/${encodeURIComponent(typed.thing ?? '')}${tab}${place}`)
  }
}
