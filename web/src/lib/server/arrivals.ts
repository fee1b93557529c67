/** What came last, for a client's start page: out of the activity of the projects that moved last. */
import type { RequestEvent } from '@sveltejs/kit'
import { Activity, type Project, pageOf } from '#lib/contract.ts'
import { send } from './gateway.ts'

const MOST = 5
/** Clients have one project or few. */
const PROJECTS = 2

export type Arrival = { id: string; name: string; by: string | null; at: string }

/** Newest first, each document once. None when the log is away: the start page can do without. */
export async function arrivals(event: RequestEvent, projects: Project[]): Promise<Arrival[]> {
  const logs = await Promise.all(
    projects.slice(0, PROJECTS).map((project) => {
      const query = new URLSearchParams({ project_id: project.id, limit: '100' })
      return send(event, 'GET', `/audit/activity?${query}`, undefined, pageOf(Activity))
    })
  )
  const found = new Map<string, Arrival>()
  for (const act of logs.flatMap((log) => (log.ok ? log.data.items : []))) {
    const { document, actor, action, at } = act
    if (!document || (action !== 'document.received' && action !== 'document.adopted')) continue
    const known = found.get(document.id)
    if (!known || known.at < at) found.set(document.id, { ...document, by: actor?.name ?? null, at })
  }
  return [...found.values()].toSorted((a, b) => b.at.localeCompare(a.at)).slice(0, MOST)
}
