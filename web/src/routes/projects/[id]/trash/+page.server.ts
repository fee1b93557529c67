import { z } from 'zod'
import { Gone, Trashed } from '#lib/contract.ts'
import { load as read } from '#lib/server/gateway.ts'
import type { PageServerLoad } from './$types'

export const load: PageServerLoad = async (event) => {
  event.depends('portico:trash', `live:project:${event.params.id}`)
  const [trash, gone] = await Promise.all([
    read(event, `/documents/projects/${event.params.id}/trash`, z.array(Trashed)),
    read(event, `/documents/projects/${event.params.id}/trash/gone`, z.array(Gone))
  ])
  return { trash, gone }
}
