/** The folders that an upload brings along: found, or made on the way, each once. */
import type { Act } from '../_shared/db/audit.ts'
import type { Session } from '../_shared/db/database.ts'
import { addFolder, lockTree, subfolders } from '../_shared/db/project.ts'
import { levelNumber } from '../_shared/contract/common.ts'
import { numberedName } from '../_shared/rules/name.ts'

type Target = { caller_id: string; project_id: string; folder_id: string }

const pathKey = (path: string[]): string => JSON.stringify(path)

/**
 * The folder of each path below the target, level by level. A folder of that name is used if the caller may contribute
 * to it; where they may not, theirs is called "name (2)" and so on.
 *
 * @param paths cleaned; the empty path is the target itself
 * @returns path → folder id, by `folderAt`
 */
export async function makeFolders(
  session: Session,
  target: Target,
  paths: string[][],
  acts: Act[]
): Promise<{ folderAt: (path: string[]) => string }> {
  const known = new Map([[pathKey([]), target.folder_id]])
  const folderAt = (path: string[]): string => known.get(pathKey(path)) ?? target.folder_id
  const depth = paths.reduce((most, path) => Math.max(most, path.length), 0)
  if (depth > 0) await lockTree(session, target.project_id)
  for (let level = 1; level <= depth; level += 1) {
    const wanted = new Map<string, string[]>()
    for (const path of paths)
      if (path.length >= level) wanted.set(pathKey(path.slice(0, level)), path.slice(0, level))
    const places = [...wanted.values()].map((path) => ({
      key: pathKey(path),
      parent_id: folderAt(path.slice(0, -1)),
      name: path.at(-1) ?? ''
    }))
    for (const [key, id] of await findOrMake(session, target, places, acts)) known.set(key, id)
  }
  return { folderAt }
}

type Place = { key: string; parent_id: string; name: string }

async function findOrMake(
  session: Session,
  target: Target,
  places: Place[],
  acts: Act[]
): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  let open = places
  for (let form = 1; open.length > 0; form += 1) {
    const there = await subfolders(
      session,
      target.caller_id,
      [...new Set(open.map((place) => place.parent_id))],
      [...new Set(open.map((place) => numberedName(place.name, form)))]
    )
    const next: Place[] = []
    for (const place of open) {
      const name = numberedName(place.name, form)
      const same = there.filter((one) => one.parent_id === place.parent_id && one.name === name)
      const usable = same.find((one) => one.level >= levelNumber('contribute'))
      if (usable) found.set(place.key, usable.id)
      else if (same.length > 0) next.push(place)
      else found.set(place.key, await make(session, target, place.parent_id, name, acts))
    }
    open = next
  }
  return found
}

async function make(
  session: Session,
  target: Target,
  parent_id: string,
  name: string,
  acts: Act[]
): Promise<string> {
  const id = await addFolder(session, parent_id, name)
  acts.push({
    action: 'folder.created',
    actor_id: target.caller_id,
    project_id: target.project_id,
    subject_id: id,
    facts: { parent_id }
  })
  return id
}
