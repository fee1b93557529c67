import { ProjectTree } from '#lib/contract.ts'
import { load as read } from '#lib/server/gateway.ts'
import type { LayoutServerLoad } from './$types'

export const load: LayoutServerLoad = async (event) => {
  event.depends('portico:project')
  return { project: await read(event, `/documents/projects/${event.params.id}`, ProjectTree) }
}
