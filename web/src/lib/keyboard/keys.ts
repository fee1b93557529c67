/** Which keys do something on a page, for the list that `?` opens. Pure. */

export const GROUPS = ['everywhere', 'lists', 'viewer'] as const
export type Group = (typeof GROUPS)[number]

/** The groups of a page, by its path; the keys themselves are in KeysDialog.svelte. */
export function groupsOf(path: string): Group[] {
  if (path.startsWith('/documents/')) return ['viewer', 'everywhere']
  if (/^\/(projects\/[^/]+\/?$|search|inbox)/.test(path)) return ['lists', 'everywhere']
  return ['everywhere']
}

type Press = {
  key: string
  ctrlKey: boolean
  metaKey: boolean
  altKey: boolean
  shiftKey: boolean
  defaultPrevented: boolean
}

/** What a key press asks for. In fields a question mark is a letter and Ctrl/⌘ Z the field's own; Ctrl/⌘ K works there too. */
export function wishOf(press: Press, inField: boolean): 'keys' | 'jump' | 'undo' | null {
  if (press.defaultPrevented || press.altKey) return null
  const command = press.ctrlKey || press.metaKey
  if (command && press.key.toLowerCase() === 'k') return 'jump'
  if (command && press.key.toLowerCase() === 'z' && !press.shiftKey && !inField) return 'undo'
  if (!command && press.key === '?' && !inField) return 'keys'
  return null
}
