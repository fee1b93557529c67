/** A project's folders as the lines of a choice, those inside another set in. Pure. */
type Folder = { id: string; name: string; parent_id: string | null }

/** No-break spaces: others are dropped at an option's beginning. */
const STEP = '\u00a0\u00a0\u00a0'

export function linesOf(folders: Folder[], top: string): { value: string; name: string }[] {
  const known = new Set(folders.map((folder) => folder.id))
  const parentOf = (folder: Folder) =>
    folder.parent_id !== null && known.has(folder.parent_id) ? folder.parent_id : top
  const below = (id: string, depth: number): { value: string; name: string }[] =>
    folders
      .filter((folder) => parentOf(folder) === id)
      .sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }))
      .flatMap((folder) => [
        { value: folder.id, name: `${STEP.repeat(depth)}${folder.name}` },
        ...below(folder.id, depth + 1)
      ])
  return below(top, 0)
}
