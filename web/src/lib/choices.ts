/** What a field of ChoiceField.svelte offers: where it is asked, and how a row of the API reads there. Pure. */
import type { Organisation, Person, Project } from '#lib/contract.ts'

export type Choice = {
  id: string
  name: string
  /** Whose it is; empty: nobody's. */
  of: string
}

/** Offered at once; a firm with no more has a plain list. */
export const AT_ONCE = 50

const PLACES = {
  projects: { path: '/documents/projects', narrow: '' },
  managed: { path: '/documents/projects', narrow: 'level=manage' },
  people: { path: '/admin/people', narrow: '' },
  organisations: { path: '/admin/organisations', narrow: '' }
} as const

export type Source = keyof typeof PLACES

/** The question for the first of those that have these words in their names, or for the one of an id. */
export function choicesAddress(source: Source, wish: { q: string } | { id: string }): `/${string}` {
  const { path, narrow } = PLACES[source]
  const query = new URLSearchParams(narrow)
  query.set('limit', String(AT_ONCE))
  if ('id' in wish) query.set('id', wish.id)
  else if (wish.q) query.set('q', wish.q)
  return `${path}?${query}`
}

export function choiceOf(row: Project | Person | Organisation): Choice {
  const owners =
    'organisations' in row ? row.organisations : 'client' in row && row.client ? [row.client] : []
  return { id: row.id, name: row.name, of: owners.map((one) => one.name).join(', ') }
}

/** One line for it, in the field and where there is a plain list. */
export const choiceText = ({ name, of }: Choice): string => (of ? `${name} · ${of}` : name)
