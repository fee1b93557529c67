/** Where uploads may go: into a folder, or into documents as their new versions. */
import { reaches, requireInProject } from '../_shared/db/access.ts'
import { documentsByIds } from '../_shared/db/document.ts'
import { Problem } from '../_shared/problem.ts'
import { database } from './database.ts'

type Target = {
  project_id: string
  folders: Map<string, string>
  /** The folder is for own uploads only: what lies in folders of the sender's comes without them. */
  flat: boolean
}

/**
 * The one project that these files go to, and the folder of each document that gets a new version. The folder has to be
 * the caller's to fill only if something becomes a document of its own. Throws `not_found`, `forbidden`, or
 * `invalid_request` for documents of another project.
 */
export async function targetsOf(
  caller: { id: string },
  folder_id: string,
  files: { document_id: string | null }[]
): Promise<Target> {
  const ids = [...new Set(files.flatMap((file) => file.document_id ?? []))]
  const own = files.some((file) => file.document_id === null)
  const folder = own ? await requireInProject(database, caller, folder_id, 'contribute', 'node') : null
  const [first] = ids
  const project_id =
    folder?.project_id ??
    (first && (await requireInProject(database, caller, first, 'contribute', 'document')).project_id)
  if (!project_id) throw new Problem('invalid_request', 'No file is named.')
  const flat = folder?.own_only ?? false
  if (ids.length === 0) return { project_id, flat, folders: new Map() }

  const found = await database.transaction([project_id], (session) => documentsByIds(session, caller.id, ids))
  const may = new Map(
    found.filter((one) => reaches(one.level, 'contribute')).map((one) => [one.id, one.folder_id])
  )
  const refused = ids.find((id) => !may.has(id))
  if (refused === undefined) return { project_id, flat, folders: may }
  await requireInProject(database, caller, refused, 'contribute', 'document')
  throw new Problem('invalid_request', 'The files of one call go to one project.')
}
