/** A page of links, as the address narrows it. */
import type { ServerLoadEvent } from '@sveltejs/kit'
import { Link, pageOf } from '#lib/contract.ts'
import { load } from './gateway.ts'
import { narrowedBy } from './narrowed.ts'

const Links = pageOf(Link)
/** So many are seen at a glance. */
const FEW = 10

/** `project_id`: all of a project that the reader may know of; without it all that they may end. */
export async function linksOf(event: ServerLoadEvent, project_id?: string) {
  event.depends('portico:links')
  const { q, began, query } = narrowedBy(event, 'links')
  if (project_id) query.set('project_id', project_id)
  const { items, next } = await load(event, `/sharing/links?${query}`, Links)
  /** There is something to search in. */
  const many = began || next !== null || q !== '' || items.length > FEW
  return { links: items, next, q, many }
}
