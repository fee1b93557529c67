import { choiceById } from '#lib/server/choices.ts'
import { linksOf } from '#lib/server/links.ts'
import type { PageServerLoad } from './$types'

/** One's own links and those of whom one stands in for, put under their projects. */
export const load: PageServerLoad = async (event) => {
  const { links, ...narrowed } = await linksOf(event)
  const places = Map.groupBy(links, (link) => link.project_id)
  const named = await Promise.all(
    [...places].map(async ([id, inside]) => {
      const project = await choiceById(event, 'projects', id)
      return { id, name: project?.name ?? null, links: inside }
    })
  )
  return {
    ...narrowed,
    places: named,
    stands_in: event.locals.session?.stands_in ?? []
  }
}
