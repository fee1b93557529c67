import { sayWhenAway } from '#lib/server/away.ts'
import type { LayoutServerLoad } from './$types'

export const load: LayoutServerLoad = (event) => sayWhenAway(event)
