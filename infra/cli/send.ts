/**
 * Files into a project, each once however often the command is broken off and given again: what lies there by the same
 * name and checksum is passed over, an unfinished upload goes on, and what was begun in the last day is the same upload.
 */
import { createHash } from 'node:crypto'
import { type PorticoClient, PorticoError } from 'portico/client'
import { cleanName } from '../../functions/_shared/rules/name.ts'
import { type LocalFile, type Prints, printsOf } from './files.ts'
import { type CommandProblem, problemOf } from './problem.ts'
import { putFile } from './put.ts'
import {
  type OpenUpload,
  type RemoteFile,
  cleanPath,
  documentsIn,
  foldersOf,
  openUploadsOf,
  projectOf
} from './target.ts'

export type Sent = {
  file: LocalFile
  outcome: 'sent' | 'there' | 'failed'
  sha256: string | null
  document_id: string | null
  problem: CommandProblem | null
}
export type SendWish = {
  /** Folders below the project, with slashes; made where they are not there. */
  folder: string
  /** Send it also where it lies already. */
  again: boolean
  /** They become new versions of this document; null: documents of their own. */
  document_id: string | null
}

/** Files at work at the same time: as many as the store gains by. */
const AT_ONCE = 4

type Work = { file: LocalFile; path: string; prints: Prints }
type Upload = Omit<OpenUpload, 'parts'>

/** @param told called with each file as soon as its fate is known */
export async function sendFiles(
  client: PorticoClient,
  project: string,
  files: LocalFile[],
  wish: SendWish,
  told: (sent: Sent) => void
): Promise<Sent[]> {
  const tree = await projectOf(client, project)
  const folders = foldersOf(tree)
  const unfinished = await openUploadsOf(client, tree.id)
  const known = new Map<string, Promise<RemoteFile[]>>()
  const documentsAt = (path: string): Promise<RemoteFile[]> => {
    const id = folders.get(path)
    const found = known.get(path) ?? (id === undefined ? Promise.resolve([]) : documentsIn(client, id))
    known.set(path, found)
    return found
  }

  const sendOne = async (file: LocalFile): Promise<Sent> => {
    const path = cleanPath([wish.folder, file.path].join('/'))
    const prints = await printsOf(file)
    const work = { file, path, prints }
    const twin = wish.again ? undefined : (await documentsAt(path)).find((one) => isTwin(one, work))
    const fate = { file, sha256: prints.sha256, problem: null }
    if (twin) return { ...fate, outcome: 'there', document_id: twin.id }
    const upload =
      take(unfinished, folders.get(path), work, wish) ?? (await begin(client, tree.id, work, wish))
    return { ...fate, outcome: 'sent', document_id: await finish(client, file, upload) }
  }

  const sent: Sent[] = []
  const waiting = [...files]
  let stop: CommandProblem | null = null
  const worker = async () => {
    for (let file = waiting.shift(); file && !stop; file = waiting.shift()) {
      const one = await sendOne(file).catch((error: unknown) => failed(file, error))
      // A key that is refused, or a project that has gone, will be so for the next file too.
      if (one.problem && one.problem.code !== 'changed' && isFinal(one.problem)) stop = one.problem
      sent.push(one)
      told(one)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  return sent
}

const isFinal = ({ exit }: CommandProblem): boolean => exit === 3

const failed = (file: LocalFile, error: unknown): Sent => ({
  ...{ file, outcome: 'failed', sha256: null, document_id: null },
  problem: problemOf(error)
})

/** The same content by the same name, or by the name that the portal gave it because that one was taken. */
function isTwin({ name, version }: RemoteFile, { file, prints }: Work): boolean {
  if (version.sha256 !== prints.sha256 || version.size !== file.size) return false
  const wanted = cleanName(file.name)
  return name === wanted || name.replace(/ \(\d+\)(\.[^.]*)?$/, '$1') === wanted
}

/** An upload of this very file that was broken off; it is nobody else's any more. */
function take(
  unfinished: OpenUpload[],
  folder_id: string | undefined,
  { file, prints }: Work,
  { document_id }: SendWish
): Upload | null {
  const at = unfinished.findIndex(
    (one) =>
      one.folder_id === folder_id &&
      one.of_document_id === document_id &&
      one.name === cleanName(file.name) &&
      one.size === file.size &&
      one.head_sha256 === prints.head_sha256
  )
  return at < 0 ? null : (unfinished.splice(at, 1)[0] ?? null)
}

async function begin(
  client: PorticoClient,
  project_id: string,
  { file, path, prints }: Work,
  { again, document_id }: SendWish
): Promise<Upload> {
  const one = {
    name: file.name,
    path,
    size: file.size,
    head_sha256: prints.head_sha256,
    last_modified: file.modified.toISOString(),
    ...(document_id !== null && { document_id })
  }
  const body = { folder_id: project_id, files: [one] }
  const key = createHash('sha256').update(JSON.stringify([body, prints.sha256]))
  if (again) key.update(String(Date.now()))
  const { data } = await client.POST('/api/v1/documents/uploads', {
    body,
    headers: { 'idempotency-key': key.digest('hex') }
  })
  const upload = data?.uploads[0]
  if (!upload) throw new Error('an upload was not begun')
  return upload
}

/** The document that it became. What was begun and finished by an earlier try is no open upload, and says so again. */
async function finish(client: PorticoClient, file: LocalFile, upload: Upload): Promise<string> {
  await putFile(client, file, upload).catch((error: unknown) => {
    if (!(error instanceof PorticoError && error.code === 'not_found')) throw error
  })
  const document = await complete(client, upload.id)
  if (document === null) throw new Error('the store has not all of it')
  return document
}

async function complete(client: PorticoClient, id: string): Promise<string | null> {
  const { data } = await client.POST('/api/v1/documents/uploads/complete', { body: { ids: [id] } })
  const outcome = data?.outcomes[0]
  if (outcome?.outcome === 'mismatch') throw new Error('what arrived is not what was told')
  return outcome?.document?.id ?? null
}
