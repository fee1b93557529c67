/** Where one can jump to: what was found, in the order clients, projects, folders and documents. Pure. */
import type { Project, SearchHit } from '#lib/contract.ts'
import { hitAddress } from '#lib/search/address.ts'

export type Goal = {
  id: string
  kind: 'client' | SearchHit['kind']
  name: string
  /** The project that it is in, or whose project it is. */
  beside: string | null
  href: string
}

const MOST_CLIENTS = 3
const MOST_PROJECTS = 5

const has = (text: string, words: string[]) => words.every((word) => text.toLowerCase().includes(word))

/** `hits` of the same words: they know folders and documents, and projects by other forms of a word. */
export function goalsOf(text: string, projects: Project[], hits: SearchHit[]): Goal[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return []
  const clients = new Map(projects.flatMap(({ client }) => (client ? [[client.id, client.name]] : [])))
  const found = [...clients].filter(([, name]) => has(name, words)).slice(0, MOST_CLIENTS)
  const own = projects
    .filter(({ name, client }) => has(`${name} ${client?.name ?? ''}`, words))
    .slice(0, MOST_PROJECTS)
  const goals: Goal[] = [
    ...found.map(([id, name]) => clientGoal(id, name)),
    ...own.map(({ id, name, client }) => ({
      id,
      kind: 'project' as const,
      name,
      beside: client?.name ?? null,
      href: `/projects/${id}`
    })),
    ...hits.filter((hit) => hit.page === null).map(hitGoal)
  ]
  return [...new Map(goals.map((goal) => [goal.id, goal])).values()]
}

/** The projects of a client: the start page, narrowed. */
const clientGoal = (id: string, name: string): Goal => ({
  id,
  kind: 'client',
  name,
  beside: null,
  href: `/?q=${encodeURIComponent(name)}`
})

const hitGoal = (hit: SearchHit): Goal => ({
  id: hit.id,
  kind: hit.kind,
  name: hit.name,
  beside: hit.kind === 'project' ? null : hit.project.name,
  href: hitAddress(hit)
})
