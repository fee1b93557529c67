/** A webhook's form, as the server reads it. Groups are types with the same first word. */
import { EVENT_TYPES } from '#lib/contract.ts'

/** Which first words stand under one heading. */
const HEADINGS: Record<string, string[]> = {
  documents: ['document'],
  places: ['project', 'folder'],
  comments: ['comment'],
  access: ['access', 'lock'],
  links: ['link']
}

export const typeGroups = Object.entries(HEADINGS).map(([name, words]) => ({
  name,
  types: EVENT_TYPES.filter((type) => words.includes(type.split('.')[0] ?? ''))
}))

/** What was chosen: single types, and whole groups. */
export function wishOf(data: FormData) {
  const groups = data.getAll('group').map(String)
  const single = new Set(data.getAll('type').map(String))
  const of_groups = typeGroups.filter((group) => groups.includes(group.name)).flatMap((group) => group.types)
  const types = EVENT_TYPES.filter((type) => single.has(type) || of_groups.includes(type))
  return {
    name: String(data.get('name') ?? ''),
    url: String(data.get('url') ?? '').trim(),
    types,
    // The field in which another is chosen may be empty.
    project_ids: [...new Set(data.getAll('project').map(String).filter(Boolean))]
  }
}

/** What comes back with an error. */
export const typedOf = (wish: ReturnType<typeof wishOf>): Record<string, string> => ({
  name: wish.name,
  url: wish.url,
  types: wish.types.join(' '),
  project_ids: wish.project_ids.join(' ')
})
