/** Documents onto this machine: under another name until they are whole and their checksum is right. */
import { createHash, randomBytes } from 'node:crypto'
import { access, link, mkdir, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { PorticoClient } from 'portico/client'
import { cleanName } from '../../functions/_shared/rules/name.ts'
import { CommandProblem, problemOf } from './problem.ts'
import { type RemoteFile, documentsIn, foldersOf, projectOf } from './target.ts'

export type Saved = {
  document_id: string
  name: string
  outcome: 'saved' | 'there' | 'failed'
  at: string | null
  problem: CommandProblem | null
}

type Wanted = { document: RemoteFile; folder: string }

/** Documents by their ids, and, where a project is named, all in it with its folders. */
export async function saveDocuments(
  client: PorticoClient,
  ids: string[],
  project: string | undefined,
  to: string,
  told: (saved: Saved) => void
): Promise<Saved[]> {
  const saved: Saved[] = []
  const tell = (one: Saved) => {
    saved.push(one)
    told(one)
  }
  for (const id of ids) {
    const found = await client
      .GET('/api/v1/documents/documents/{id}', { params: { path: { id } } })
      .catch((error: unknown) => problemOf(error))
    if (found instanceof CommandProblem)
      tell({ document_id: id, name: id, outcome: 'failed', at: null, problem: found })
    else if (found.data) tell(await saveOne(client, { document: found.data, folder: to }))
  }
  if (project !== undefined) {
    const tree = await projectOf(client, project)
    for (const [path, id] of foldersOf(tree))
      for (const document of await documentsIn(client, id))
        if (document.folder_id === id) tell(await saveOne(client, { document, folder: join(to, path) }))
  }
  return saved
}

async function saveOne(client: PorticoClient, wanted: Wanted): Promise<Saved> {
  const { id, name } = wanted.document
  try {
    const { at, was_there } = await fetchInto(client, wanted)
    return { document_id: id, name, outcome: was_there ? 'there' : 'saved', at, problem: null }
  } catch (error) {
    return { document_id: id, name, outcome: 'failed', at: null, problem: problemOf(error) }
  }
}

async function fetchInto(
  client: PorticoClient,
  { document, folder }: Wanted
): Promise<{ at: string; was_there: boolean }> {
  const { id, version } = document
  await mkdir(folder, { recursive: true })
  const name = cleanName(document.name) ?? id
  const twin = await placeOf(folder, name, version)
  if (twin.was_there) return twin
  const answer = await client.GET('/api/v1/documents/documents/{id}/content', {
    params: { path: { id }, query: { version: version.no } },
    parseAs: 'stream'
  })
  const { body } = answer.response
  if (!body) throw new Error('an answer without a body')
  const temporary = join(folder, `.${randomBytes(6).toString('hex')}.portico-part`)
  try {
    await write(temporary, body, version)
    return { at: await settle(temporary, folder, name, version), was_there: false }
  } finally {
    await rm(temporary, { force: true })
  }
}

type Whole = { size: number; sha256: string | null }

async function write(at: string, body: ReadableStream<Uint8Array>, whole: Whole): Promise<void> {
  const hash = createHash('sha256')
  let size = 0
  const handle = await open(at, 'wx')
  try {
    for await (const chunk of body) {
      hash.update(chunk)
      size += chunk.length
      for (let done = 0; done < chunk.length;) done += (await handle.write(chunk, done)).bytesWritten
    }
    await handle.sync()
  } finally {
    await handle.close()
  }
  if (size !== whole.size || (whole.sha256 !== null && hash.digest('hex') !== whole.sha256))
    throw new CommandProblem('some_failed', 'What came is not what the portal has: try again.', 'checksum')
}

/** Gives the file its name without writing over anybody else's: "name (2).pdf" where the name is taken. */
async function settle(temporary: string, folder: string, name: string, whole: Whole): Promise<string> {
  for (;;) {
    const { at } = await placeOf(folder, name, whole)
    try {
      await link(temporary, at)
      return at
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : ''
      if (code === 'EEXIST') continue
      if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EOPNOTSUPP') throw error
      await rename(temporary, at) // a disk without hard links
      return at
    }
  }
}

/** The first name that is free, or the place of a file that is this very one already. */
async function placeOf(
  folder: string,
  name: string,
  whole: Whole
): Promise<{ at: string; was_there: boolean }> {
  const dot = name.lastIndexOf('.')
  const [stem, ending] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, '']
  for (let no = 1; ; no += 1) {
    const at = join(folder, no === 1 ? name : `${stem} (${no})${ending}`)
    const exists = await access(at).then(
      () => true,
      () => false
    )
    if (!exists) return { at, was_there: false }
    if (whole.sha256 !== null && (await hashOf(at)) === whole.sha256) return { at, was_there: true }
  }
}

async function hashOf(at: string): Promise<string> {
  const handle = await open(at)
  try {
    const hash = createHash('sha256')
    for await (const chunk of handle.createReadStream({ autoClose: false })) hash.update(chunk)
    return hash.digest('hex')
  } finally {
    await handle.close()
  }
}
