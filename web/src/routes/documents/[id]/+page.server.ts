import { z } from 'zod'
import { Document, PageInfo, playedAs } from '#lib/contract.ts'
import { load as read } from '#lib/server/gateway.ts'
import type { PageServerLoad } from './$types'

export const load: PageServerLoad = async (event) => {
  event.depends('portico:document')
  const version = numberIn(event.url.searchParams.get('version'))
  const query = version === null ? '' : `?version=${version}`
  const document = await read(event, `/documents/documents/${event.params.id}${query}`, Document)
  const has_pages = document.version.pages_ready > 0 && document.version.state !== 'held'
  return {
    document,
    player: playedAs(document.version.detected_type)?.player ?? null,
    detailed: event.url.searchParams.has('comments'),
    first: numberIn(event.url.searchParams.get('page')) ?? 1,
    pages: has_pages ? await read(event, pagesAddress(document), z.array(PageInfo)) : []
  }
}

/** Always of the version that was just read: the current one may be another by now. */
const pagesAddress = (document: Document): `/${string}` =>
  `/documents/documents/${document.id}/pages?version=${document.version.no}`

function numberIn(text: string | null): number | null {
  const number = Number(text)
  return Number.isInteger(number) && number > 0 ? number : null
}
