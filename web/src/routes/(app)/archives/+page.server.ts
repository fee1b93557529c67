import { redirect } from '@sveltejs/kit'
import { ArchiveAddress, OrderedArchive, pageOf } from '#lib/contract.ts'
import { failed } from '#lib/server/forms.ts'
import { load as get, send } from '#lib/server/gateway.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async (event) => {
  const person = event.locals.session?.person
  if (person) event.depends(`live:person:${person.id}`)
  const cursor = event.url.searchParams.get('cursor')
  const query = new URLSearchParams({ limit: '20', ...(cursor && { cursor }) })
  return { archives: await get(event, `/documents/archives/orders?${query}`, pageOf(OrderedArchive)) }
}

const path = (id: FormDataEntryValue | null): `/${string}` =>
  `/documents/archives/orders/${encodeURIComponent(String(id ?? ''))}`

export const actions: Actions = {
  delete: async (event) => {
    const form = await event.request.formData()
    const answer = await send(event, 'DELETE', path(form.get('id')))
    return answer.ok ? { deleted: true } : failed(answer.problem, {}, 'delete')
  },

  /** The same wish once more in place of one that failed, has expired or may not be handed out any more. */
  again: async (event) => {
    const form = await event.request.formData()
    const folder = form.get('folder')
    const wish = folder ? { folder } : { document: form.getAll('document') }
    await send(event, 'DELETE', path(form.get('id')))
    const answer = await send(event, 'POST', '/documents/archives/orders', wish)
    return answer.ok ? { ordered: true } : failed(answer.problem, {}, 'again')
  },

  /** Without JavaScript; else the page asks by itself. */
  fetch: async (event) => {
    const form = await event.request.formData()
    const answer = await send(event, 'POST', `${path(form.get('id'))}/address`, undefined, ArchiveAddress)
    if (!answer.ok) return failed(answer.problem, {}, 'fetch')
    redirect(303, answer.data.url)
  }
}
