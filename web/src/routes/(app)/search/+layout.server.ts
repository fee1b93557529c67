import { Project } from '#lib/contract.ts'
import { loadAll } from '#lib/server/all.ts'
import type { LayoutServerLoad } from './$types'

/** What the filter offers: read once, not with every letter that is typed. */
export const load: LayoutServerLoad = async (event) => ({
  projects: await loadAll(event, '/documents/projects', Project)
})
