import { Link } from '#lib/contract.ts'
import { loadAll } from '#lib/server/all.ts'
import type { PageServerLoad } from './$types'

export const load: PageServerLoad = async (event) => {
  event.depends('portico:links')
  const links = await loadAll(event, `/sharing/links?project_id=${event.params.id}`, Link)
  return { links }
}
