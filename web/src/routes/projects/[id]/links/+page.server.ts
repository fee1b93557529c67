import { linksOf } from '#lib/server/links.ts'
import type { PageServerLoad } from './$types'

export const load: PageServerLoad = (event) => linksOf(event, event.params.id)
