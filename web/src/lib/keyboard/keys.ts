/** Which keys do something on a page, for the list that `?` opens. Pure. */

export const GROUPS = ['everywhere', 'lists', 'viewer'] as const
export type Group = (typeof GROUPS)[number]

/** The groups of a page, by its path; the keys themselves are in KeysDialog.svelte. */
export function groupsOf(path: string): Group[] {
  if (path.startsWith('/documents/')) return ['viewer', 'everywhere']
  if (/^\/(projects\/[^/]+\/?$|search|inbox)/.test(path)) return ['lists', 'everywhere']
  return ['everywhere']
}

type Press = { key: string; ctrlKey: boolean; metaKey: boolean; altKey: boolean; defaultPrevented: boolean }

/** What a key press asks for. In fields a question mark is a letter; Ctrl/⌘ K works there too. */
export function wishOf(press: Press, inField: boolean): 'keys' | 'jump' | null {
  if (press.defaultPrevented || press.altKey) return null
  const command = press.ctrlKey || press.metaKey
  if (command && press.key.toLowerCase() === 'k') return 'jump'
  if (!command && press.key === '?' && !inField) return 'keys'
  return null
}
