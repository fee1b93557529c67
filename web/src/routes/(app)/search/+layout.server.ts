import { choicesOf } from '#lib/server/choices.ts'
import type { LayoutServerLoad } from './$types'

/** What the filter offers: read once and with another project, not with every letter that is typed. */
export const load: LayoutServerLoad = async (event) => ({
  projects: await choicesOf(event, 'projects', event.url.searchParams.get('project') ?? '')
})
