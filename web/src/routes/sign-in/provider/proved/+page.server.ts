import { doorPlate } from '#lib/server/door-plate.ts'
import type { PageServerLoad } from './$types'

export const load: PageServerLoad = async (event) => ({ firm: await doorPlate(event) })
