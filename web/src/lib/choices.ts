/** What a field of ChoiceField.svelte offers: where it is asked, and how a row of the API reads there. Pure. */
import type { Group, Link, Organisation, Person, Project } from '#lib/contract.ts'
import * as m from '#lib/paraglide/messages.js'

export type Choice = {
  /** What the form sends. */
  id: string
  name: string
  /** Whose it is, or what; empty: nothing to say. */
  of: string
}

/** Offered at once, of each kind. */
export const AT_ONCE = 50

type Place = {
  path: '/documents/projects' | '/admin/people' | '/admin/organisations' | '/admin/groups' | '/sharing/links'
  narrow: string
  /** Where a field takes several kinds, an id says which. */
  kind: string
}
const place = (path: Place['path'], narrow = '', kind = ''): Place => ({ path, narrow, kind })

const PLACES = {
  projects: [place('/documents/projects')],
  managed: [place('/documents/projects', 'level=manage')],
  people: [place('/admin/people')],
  organisations: [place('/admin/organisations')],
  staff: [place('/admin/people', 'only=staff')],
  /** Whose access is asked about: people, and the links of the project that the field is for. */
  askable: [place('/admin/people'), place('/sharing/links')],
  /** `person:ID` of the firm's, or `group:ID`. */
  team: [place('/admin/people', 'only=staff', 'person:'), place('/admin/groups', '', 'group:')],
  /** `person:ID` of all who may come in, or `group:ID`. */
  members: [place('/admin/people', 'only=active', 'person:'), place('/admin/groups', '', 'group:')]
} satisfies Record<string, Place[]>

export type Source = keyof typeof PLACES

export const placesOf = (source: Source): Place[] => PLACES[source]

/**
 * The question for the first of those that have these words in their names, or for the one of an id.
 *
 * @param project_id whose links; of no meaning for the others
 */
export function choicesAddress(
  { path, narrow }: Place,
  wish: { q: string } | { id: string },
  project_id: string | null = null
): `/${string}` {
  const query = new URLSearchParams(narrow)
  query.set('limit', String(AT_ONCE))
  if (project_id && path === '/sharing/links') query.set('project_id', project_id)
  if ('id' in wish) query.set('id', wish.id)
  else if (wish.q) query.set('q', wish.q)
  return `${path}?${query}`
}

export type Row = Project | Person | Organisation | Group | Link

export function choiceOf({ path, kind }: Place, row: Row): Choice {
  if ('recipient' in row) return { id: kind + row.id, name: row.recipient, of: m.link_word() }
  const owners =
    'organisations' in row ? row.organisations : 'client' in row && row.client ? [row.client] : []
  const of = path === '/admin/groups' ? m.group_word() : owners.map((one) => one.name).join(', ')
  return { id: kind + row.id, name: row.name, of }
}

/** One line for it, in the field and where there is a plain list. */
export const choiceText = ({ name, of }: Choice): string => (of ? `${name} · ${of}` : name)
