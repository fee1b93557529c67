import { doorPlate } from '#lib/server/door-plate.ts'
import type { PageServerLoad } from './$types'

/** Whoever holds no secret is told the firm's name and no more. */
export const load: PageServerLoad = async (event) => ({ firm: await doorPlate(event) })
