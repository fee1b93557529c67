/** What came last, for a client's start page: out of the activity of the projects that moved last. */
import type { RequestEvent } from '@sveltejs/kit'
import { Activity, type Project, pageOf } from '#lib/contract.ts'
import { send } from './gateway.ts'

const MOST = 5
/** Clients have one project or few. */
const PROJECTS = 2
/** Whoever reads a book leaves an act for each page: so far back an arrival is looked for. */
const PAGES = 5

export type Arrival = { id: string; name: string; by: string | null; at: string }

/** Newest first, each document once. None when the log is away: the start page can do without. */
export async function arrivals(event: RequestEvent, projects: Project[]): Promise<Arrival[]> {
  const found = await Promise.all(projects.slice(0, PROJECTS).map((project) => arrivalsIn(event, project)))
  return found
    .flat()
    .toSorted((a, b) => b.at.localeCompare(a.at))
    .slice(0, MOST)
}

async function arrivalsIn(event: RequestEvent, project: Project): Promise<Arrival[]> {
  const found = new Map<string, Arrival>()
  let cursor: string | null = ''
  for (let page = 0; page < PAGES && found.size < MOST && cursor !== null; page += 1) {
    const query: URLSearchParams = new URLSearchParams({
      project_id: project.id,
      limit: '200',
      ...(cursor && { cursor })
    })
    const log = await send(event, 'GET', `/audit/activity?${query}`, undefined, pageOf(Activity))
    if (!log.ok) break
    for (const { document, actor, action, at } of log.data.items)
      if (document && (action === 'document.received' || action === 'document.adopted'))
        if (!found.has(document.id)) found.set(document.id, { ...document, by: actor?.name ?? null, at })
    cursor = log.data.next
  }
  return [...found.values()]
}
