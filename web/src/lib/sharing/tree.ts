/** Shared documents under the folders that they lie in. Pure. */
import type { SharedDocument } from '../contract.ts'

export type SharedFolder = { name: string; documents: SharedDocument[] }

/** What is shared by itself first, then folder after folder by their way ("Bank / 2026"); in each the order given. */
export function byFolder(documents: SharedDocument[]): SharedFolder[] {
  const folders = new Map<string, SharedDocument[]>()
  for (const document of documents) {
    const name = document.path.join(' / ')
    const known = folders.get(name)
    if (known) known.push(document)
    else folders.set(name, [document])
  }
  return [...folders]
    .map(([name, inside]) => ({ name, documents: inside }))
    .toSorted((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }))
}
