import { Link, Project } from '#lib/contract.ts'
import { loadAll } from '#lib/server/all.ts'
import type { PageServerLoad } from './$types'

/** One's own links and those of whom one stands in for, put under their projects. */
export const load: PageServerLoad = async (event) => {
  event.depends('portico:links')
  const [links, projects] = await Promise.all([
    loadAll(event, '/sharing/links', Link),
    loadAll(event, '/documents/projects', Project)
  ])
  const names = new Map(projects.map(({ id, name }) => [id, name]))
  const places = Map.groupBy(links, (link) => link.project_id)
  return {
    places: [...places].map(([id, inside]) => ({ id, name: names.get(id) ?? null, links: inside })),
    stands_in: event.locals.session?.stands_in ?? []
  }
}
