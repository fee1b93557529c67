/** Which files that somebody is about to send have a document of their name where they would go. */
import { z } from 'zod'
import { Id, levelNumber } from '../_shared/contract/common.ts'
import type { FileMatches, FilesToMatch } from '../_shared/contract/upload.ts'
import { reaches } from '../_shared/db/access.ts'
import { type Session, blocks, rows } from '../_shared/db/database.ts'
import { documentsByIds } from '../_shared/db/document.ts'
import { subfolders } from '../_shared/db/project.ts'
import { cleanName, cleanPath } from '../_shared/rules/name.ts'

const sql = blocks<'same_names'>(new URL('./matches.sql', import.meta.url))

const Same = z.object({ index: z.int(), document_id: Id })

/** By the names and folders that an upload would give them; only documents that the caller may add a version to. */
export async function matchesOf(
  session: Session,
  caller: { id: string },
  { folder_id, files }: FilesToMatch
): Promise<FileMatches> {
  const places = files.map((file) => ({ name: cleanName(file.name), path: cleanPath(file.path) }))
  const folders = await foldersOf(
    session,
    caller,
    folder_id,
    places.map((place) => place.path ?? [])
  )
  const asked = places.flatMap(({ name, path }, index) => {
    const folder = path && folders.get(path.join('/'))
    return name !== null && folder ? [{ index, name, folder }] : []
  })
  const same = await rows(
    session,
    sql('same_names'),
    [asked.map((one) => one.folder), asked.map((one) => one.name)],
    Same
  )
  const ids = [...new Set(same.map((one) => one.document_id))]
  const documents = new Map(
    (await documentsByIds(session, caller.id, ids))
      .filter((document) => reaches(document.level, 'contribute'))
      .map((document) => [document.id, document])
  )
  const matches = new Map<number, FileMatches['matches'][number]>()
  for (const { index, document_id } of same) {
    const document = documents.get(document_id)
    const file = asked[index]
    if (document && file && !matches.has(file.index))
      matches.set(file.index, { index: file.index, document_id, newest_no: document.newest.no })
  }
  return { matches: [...matches.values()] }
}

/** The folders of these paths that are there and the caller's to fill, level by level. Names hold no slash. */
async function foldersOf(
  session: Session,
  caller: { id: string },
  folder_id: string,
  paths: string[][]
): Promise<Map<string, string>> {
  const known = new Map([['', folder_id]])
  const depth = paths.reduce((most, path) => Math.max(most, path.length), 0)
  for (let level = 1; level <= depth; level += 1) {
    const wanted = paths.filter((path) => path.length >= level).map((path) => path.slice(0, level))
    const parents = wanted.flatMap((path) => known.get(path.slice(0, -1).join('/')) ?? [])
    if (parents.length === 0) break
    const names = [...new Set(wanted.map((path) => path.at(-1) ?? ''))]
    const found = await subfolders(session, caller.id, [...new Set(parents)], names)
    for (const path of wanted) {
      const parent = known.get(path.slice(0, -1).join('/'))
      const folder = found.find(
        (one) =>
          one.parent_id === parent && one.name === path.at(-1) && one.level >= levelNumber('contribute')
      )
      if (folder) known.set(path.join('/'), folder.id)
    }
  }
  return known
}
