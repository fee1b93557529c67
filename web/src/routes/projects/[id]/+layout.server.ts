import type { z } from 'zod'
import { ManagedThing, ProjectTree } from '#lib/contract.ts'
import type { ProjectHere } from '#lib/project/tree.ts'
import { give, load as read, send } from '#lib/server/gateway.ts'
import type { LayoutServerLoad } from './$types'

/** The one page that stays while a lock takes the project out of sight: who may do what there is mended meanwhile. */
const STAYS = '/projects/[id]/people'

export const load: LayoutServerLoad = async (event) => {
  event.depends('portico:project')
  const { id } = event.params
  const seen = await send(event, 'GET', `/documents/projects/${id}`, undefined, ProjectTree)
  if (seen.ok) return { project: seen.data, hidden: false }
  if (seen.problem.status !== 404 || event.route.id !== STAYS) return give(event, seen.problem)
  const managed = await read(event, `/admin/things/${id}/managed`, ManagedThing)
  if (managed.kind !== 'project') return give(event, seen.problem)
  return { project: outOfSight(managed), hidden: true }
}

/** What is known of a project that nobody sees: its name. */
const outOfSight = ({ id, name }: z.infer<typeof ManagedThing>): ProjectHere => ({
  ...{ id, name, level: 'manage', client: null, folders: [] },
  ...{ own_only: false, lock: null, four_eyes: false }
})
