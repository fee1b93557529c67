import { z } from 'zod'
import { Trashed } from '#lib/contract.ts'
import { load as read } from '#lib/server/gateway.ts'
import type { PageServerLoad } from './$types'

export const load: PageServerLoad = async (event) => {
  event.depends('portico:trash', `live:project:${event.params.id}`)
  return { trash: await read(event, `/documents/projects/${event.params.id}/trash`, z.array(Trashed)) }
}
