/** Where files go: a project by its id or its whole name, and what lies there already. */
import type { PorticoClient, components } from 'portico/client'
import { cleanName } from '../../functions/_shared/rules/name.ts'
import { CommandProblem } from './problem.ts'

type Schemas = components['schemas']
export type RemoteFile = Schemas['Document']
export type OpenUpload = Schemas['UploadProgress']
type Tree = { id: string; name: string; folders: { id: string; parent_id: string | null; name: string }[] }

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** @throws CommandProblem `not_found`, or `usage` for a name that several projects have */
export async function projectOf(client: PorticoClient, wanted: string): Promise<Tree> {
  const id = await projectIdOf(client, wanted)
  const { data } = await client.GET('/api/v1/documents/projects/{id}', { params: { path: { id } } })
  if (!data) throw new Error('an answer without a body')
  return data
}

/** An id is taken as it is: a key without the scope `read` cannot look names up. Throws as projectOf. */
export const projectIdOf = async (client: PorticoClient, wanted: string): Promise<string> =>
  ID.test(wanted) ? wanted : idOfName(client, wanted)

async function idOfName(client: PorticoClient, name: string): Promise<string> {
  const wanted = name.normalize('NFC')
  const found: string[] = []
  for (let cursor: string | undefined; ;) {
    const { data } = await client.GET('/api/v1/documents/projects', {
      params: { query: { cursor, limit: 200 } }
    })
    for (const one of data?.items ?? []) if (one.name === wanted) found.push(one.id)
    if (!data?.next) break
    cursor = data.next
  }
  const [id] = found
  if (id === undefined) throw new CommandProblem('not_found', `This API key sees no project "${name}".`)
  if (found.length > 1)
    throw new CommandProblem('usage', `Several projects are called "${name}": name its id.`)
  return id
}

/** Folders as the portal will name them: what is typed or found on a disk may not be kept as it is. */
export const cleanPath = (path: string): string =>
  path
    .split('/')
    .flatMap((part) => cleanName(part) ?? [])
    .join('/')

/** Each folder's id by its path below the project; the project itself at ''. */
export function foldersOf(tree: Tree): Map<string, string> {
  const by_id = new Map(tree.folders.map((folder) => [folder.id, folder]))
  const pathOf = (id: string | null): string => {
    const folder = id === null ? undefined : by_id.get(id)
    return folder ? [pathOf(folder.parent_id), folder.name].filter((part) => part !== '').join('/') : ''
  }
  return new Map([['', tree.id], ...tree.folders.map((folder) => [pathOf(folder.id), folder.id] as const)])
}

/** All documents of one folder, those below it not. */
export async function documentsIn(client: PorticoClient, id: string): Promise<RemoteFile[]> {
  const found: RemoteFile[] = []
  for (let cursor: string | undefined; ;) {
    const params = { path: { id }, query: { cursor, limit: 200 } }
    const { data } = await client.GET('/api/v1/documents/folders/{id}/documents', { params })
    found.push(...(data?.items ?? []))
    if (!data?.next) return found
    cursor = data.next
  }
}

export async function openUploadsOf(client: PorticoClient, project_id: string): Promise<OpenUpload[]> {
  const { data } = await client.GET('/api/v1/documents/uploads', { params: { query: { project_id } } })
  return data?.uploads ?? []
}
