import { z } from 'zod'
import { Automation } from '#lib/contract.ts'
import { requireMaker } from '#lib/server/automations.ts'
import { load as read } from '#lib/server/gateway.ts'
import type { PageServerLoad } from './$types'

export const load: PageServerLoad = async (event) => {
  requireMaker(event)
  event.depends('portico:automations')
  return { rules: await read(event, '/automations/rules', z.array(Automation)) }
}
