/** Where a hit leads. */
import type { SearchHit } from '#lib/contract.ts'

export function hitAddress(hit: SearchHit): string {
  if (hit.kind === 'project') return `/projects/${hit.id}`
  if (hit.kind === 'folder') return `/projects/${hit.project.id}?folder=${hit.id}`
  return `/documents/${hit.id}${hit.page ? `?page=${hit.page.no}` : ''}`
}

/** The search page for these words. */
export function searchAddress(q: string, project = '', cursor = ''): string {
  const params = new URLSearchParams({ q })
  if (project) params.set('project', project)
  if (cursor) params.set('cursor', cursor)
  return `/search?${params}`
}
