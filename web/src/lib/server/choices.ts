/** What ChoiceField.svelte begins with: the first to choose from, and the chosen one by its name. */
import type { RequestEvent } from '@sveltejs/kit'
import { type Choice, type Source, choiceOf, choicesAddress, placesOf } from '#lib/choices.ts'
import { Group, Id, Link, Organisation, Person, Project, pageOf } from '#lib/contract.ts'
import { load, send } from './gateway.ts'

export type Choices = {
  source: Source
  /** The project whose links are meant; null: no links are among them. */
  project_id: string | null
  first: Choice[]
  /** There are others: they are found by their names. */
  more: boolean
  chosen: Choice | null
}

const PAGES = {
  '/documents/projects': pageOf(Project),
  '/admin/people': pageOf(Person),
  '/admin/organisations': pageOf(Organisation),
  '/admin/groups': pageOf(Group),
  '/sharing/links': pageOf(Link)
}

/** `id`: what is chosen. One that the reader may not see is as if nothing were chosen. */
export async function choicesOf(
  event: RequestEvent,
  source: Source,
  id = '',
  project_id: string | null = null
): Promise<Choices> {
  const found = await Promise.all(
    placesOf(source).map(async (place) => {
      const { items, next } = await load(
        event,
        choicesAddress(place, { q: '' }, project_id),
        PAGES[place.path]
      )
      return { choices: items.map((row) => choiceOf(place, row)), next }
    })
  )
  const first = found.flatMap(({ choices }) => choices)
  const chosen = first.find((one) => one.id === id) ?? (await choiceById(event, source, id, project_id))
  return { source, project_id, first, more: found.some(({ next }) => next !== null), chosen }
}

/** One by its id, as the reader may see it; null when they may not, or it is none. */
export async function choiceById(
  event: RequestEvent,
  source: Source,
  id: string,
  project_id: string | null = null
): Promise<Choice | null> {
  for (const place of placesOf(source).filter(({ kind }) => id.startsWith(kind))) {
    const wanted = Id.safeParse(id.slice(place.kind.length))
    if (!wanted.success) continue
    const address = choicesAddress(place, { id: wanted.data }, project_id)
    const found = await send(event, 'GET', address, undefined, PAGES[place.path])
    const one = found.ok ? found.data.items[0] : undefined
    if (one) return choiceOf(place, one)
  }
  return null
}
