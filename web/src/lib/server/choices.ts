/** What ChoiceField.svelte begins with: the first to choose from, and the chosen one by its name. */
import type { RequestEvent } from '@sveltejs/kit'
import { type Choice, type Source, choiceOf, choicesAddress } from '#lib/choices.ts'
import { Id, Organisation, Person, Project, pageOf } from '#lib/contract.ts'
import { load, send } from './gateway.ts'

export type Choices = {
  source: Source
  first: Choice[]
  /** There are others: they are found by their names. */
  more: boolean
  chosen: Choice | null
}

const PAGES = {
  projects: pageOf(Project),
  managed: pageOf(Project),
  people: pageOf(Person),
  organisations: pageOf(Organisation)
}

/** `id`: what is chosen. One that the reader may not see is as if nothing were chosen. */
export async function choicesOf(event: RequestEvent, source: Source, id = ''): Promise<Choices> {
  const schema = PAGES[source]
  const { items, next } = await load(event, choicesAddress(source, { q: '' }), schema)
  const first = items.map(choiceOf)
  const chosen = first.find((one) => one.id === id) ?? (await choiceById(event, source, id))
  return { source, first, more: next !== null, chosen }
}

/** One by its id, as the reader may see it; null when they may not, or it is none. */
export async function choiceById(event: RequestEvent, source: Source, id: string): Promise<Choice | null> {
  if (!Id.safeParse(id).success) return null
  const found = await send(event, 'GET', choicesAddress(source, { id }), undefined, PAGES[source])
  const one = found.ok ? found.data.items[0] : undefined
  return one ? choiceOf(one) : null
}
