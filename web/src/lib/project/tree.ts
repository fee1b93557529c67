/** A project's folders: flat as they come, with the way to each. Pure. */
import type { Folder, ProjectTree } from '#lib/contract.ts'

type Tree = { id: string; folders: Folder[] }

/** The project whose page this is: its tree, as far as one sees it. */
export type ProjectHere = Omit<ProjectTree, 'created_at'>

/** Folders directly inside `id`. One whose parent is not visible to this person appears at the project's top. */
export function foldersIn(tree: Tree, id: string): Folder[] {
  const inside = (folder: Folder) =>
    id === tree.id ? !folder.parent_id || folder.parent_id === id : folder.parent_id === id
  return tree.folders
    .filter(inside)
    .sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }))
}

/** From the project's top down to `id`, without the project; empty for the project itself or what is not there. */
export function wayTo(tree: Tree, id: string): Folder[] {
  const by_id = new Map(tree.folders.map((folder) => [folder.id, folder]))
  const way: Folder[] = []
  for (let folder = by_id.get(id); folder; folder = by_id.get(folder.parent_id ?? '')) {
    if (way.includes(folder)) break
    way.unshift(folder)
  }
  return way
}
