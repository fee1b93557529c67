/** A page of links, as the address narrows it. */
import type { ServerLoadEvent } from '@sveltejs/kit'
import { Link, pageOf } from '#lib/contract.ts'
import { load } from './gateway.ts'
import { isMany, narrowedBy } from './narrowed.ts'

const Links = pageOf(Link)

/** `project_id`: all of a project that the reader may know of; without it all that they may end. */
export async function linksOf(event: ServerLoadEvent, project_id?: string) {
  event.depends('portico:links')
  const narrowed = narrowedBy(event, 'links')
  if (project_id) narrowed.query.set('project_id', project_id)
  const found = await load(event, `/sharing/links?${narrowed.query}`, Links)
  return { links: found.items, next: found.next, q: narrowed.q, many: isMany(narrowed, found) }
}
