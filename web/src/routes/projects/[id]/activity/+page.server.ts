import { Activity, pageOf } from '#lib/contract.ts'
import { load as read } from '#lib/server/gateway.ts'
import type { PageServerLoad } from './$types'

const Acts = pageOf(Activity)

export const load: PageServerLoad = async (event) => {
  event.depends('portico:activity')
  const query = new URLSearchParams({ project_id: event.params.id, limit: '100' })
  const cursor = event.url.searchParams.get('cursor')
  if (cursor) query.set('cursor', cursor)
  return { acts: await read(event, `/audit/activity?${query}`, Acts) }
}
