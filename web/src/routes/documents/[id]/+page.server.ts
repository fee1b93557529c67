import { z } from 'zod'
import { Document, PageInfo, playedAs } from '#lib/contract.ts'
import { load as read } from '#lib/server/gateway.ts'
import type { PageServerLoad } from './$types'

export const load: PageServerLoad = async (event) => {
  event.depends('portico:document')
  const document = await read(event, `/documents/documents/${event.params.id}`, Document)
  const has_pages = document.version.pages_ready > 0 && document.version.state !== 'held'
  const wanted = Number(event.url.searchParams.get('page') ?? 1)
  return {
    document,
    player: playedAs(document.version.detected_type)?.player ?? null,
    detailed: event.url.searchParams.has('comments'),
    first: Number.isInteger(wanted) && wanted > 0 ? wanted : 1,
    pages: has_pages ? await read(event, `/documents/documents/${document.id}/pages`, z.array(PageInfo)) : []
  }
}
