import { z } from 'zod'
import { Document } from '#lib/contract.ts'
import { load as read } from '#lib/server/gateway.ts'
import type { PageServerLoad } from './$types'

export const load: PageServerLoad = async (event) => {
  event.depends('portico:twins', `live:project:${event.params.id}`)
  return { twins: await read(event, `/documents/projects/${event.params.id}/duplicates`, z.array(Document)) }
}
