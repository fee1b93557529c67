/**
 * A scanner's folder: what is put there is sent when it is whole, then moved to "sent" below it. A journal beside it keeps
 * checksums, so that nothing is sent twice, whatever dies in between.
 */
import { access, appendFile, lstat, mkdir, readFile, readdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { PorticoClient } from 'portico/client'
import { type LocalFile, printsOf } from './files.ts'
import { CommandProblem, EXIT, problemOf } from './problem.ts'
import { type SendWish, type Sent, sendFiles } from './send.ts'
import { projectOf } from './target.ts'

/** Milliseconds between two looks. */
const LOOK = 1_000
/** Milliseconds that a file which could not be sent rests. */
const REST = 30_000
const JOURNAL = '.portico-sent'
const SENT = 'sent'

export type WatchWish = SendWish & {
  project: string
  /** Seconds that size and time must stand still. */
  settle: number
  /** Leave files where they are; the journal alone remembers them. */
  keep: boolean
  /** One pass over what is there, then the end. */
  once: boolean
}

/** Of files that changed while they were sent: the document that the earlier bytes became. */
type Begun = Map<string, string>
type Look = { size: number; modified: number; since: number }

/** Runs until `signal`, or, with `once`, until everything that is there has been dealt with. Throws when the key is refused. */
export async function watchFolder(
  client: PorticoClient,
  folder: string,
  wish: WatchWish,
  told: (sent: Sent) => void,
  signal: AbortSignal
): Promise<Sent[]> {
  await requireProject(client, wish.project)
  const journal = await readJournal(folder)
  const looks = new Map<string, Look>()
  const rests = new Map<string, number>()
  const begun: Begun = new Map()
  const all: Sent[] = []
  while (!signal.aborted) {
    const files = await filesIn(folder)
    const now = Date.now()
    const isDone = (file: LocalFile) => wish.keep && journal.names.has(nameOf(file))
    const due = files.filter((file) => (rests.get(file.name) ?? 0) <= now && !isDone(file))
    const whole = due.filter((file) => isWhole(file, looks, now, wish.settle * 1000))
    const dealt: Sent[] = []
    for (const file of whole) {
      if (signal.aborted) break
      const sent = await deal(client, folder, file, wish, journal, begun)
      if (sent.problem?.exit === EXIT.refused) throw sent.problem
      if (sent.outcome === 'failed' && !isChanged(sent)) rests.set(file.name, Date.now() + REST)
      dealt.push(sent)
      told(sent)
    }
    all.push(...dealt)
    if (wish.once && whole.length === due.length && !dealt.some(isChanged)) return all
    if (dealt.every(isChanged)) await pause(LOOK, undefined, { signal }).catch(() => undefined)
  }
  return all
}

/** Throws now, not at the first file, when key or project are wrong; a portal that is away is waited for. */
async function requireProject(client: PorticoClient, project: string): Promise<void> {
  try {
    await projectOf(client, project)
  } catch (error) {
    if (problemOf(error).exit !== EXIT.away) throw error
  }
}

/** Regular files of the folder itself. What begins with a point is a program's own, half-written ones above all. */
async function filesIn(folder: string): Promise<LocalFile[]> {
  const found: LocalFile[] = []
  for (const name of (await readdir(folder)).toSorted()) {
    if (name.startsWith('.')) continue
    const at = join(folder, name)
    const facts = await lstat(at).catch(() => null)
    if (facts?.isFile()) found.push({ at, name, path: '', size: facts.size, modified: facts.mtime })
  }
  return found
}

/** Two looks that saw the same, long enough apart. An empty file is not whole: most scanners begin with one. */
function isWhole(file: LocalFile, looks: Map<string, Look>, now: number, settle: number): boolean {
  const before = looks.get(file.name)
  const modified = file.modified.getTime()
  if (!before || before.size !== file.size || before.modified !== modified) {
    looks.set(file.name, { size: file.size, modified, since: now })
    return settle === 0 && file.size > 0
  }
  return file.size > 0 && now - before.since >= settle
}

async function deal(
  client: PorticoClient,
  folder: string,
  file: LocalFile,
  wish: WatchWish,
  journal: Journal,
  begun: Begun
): Promise<Sent> {
  const document_id = begun.get(file.name) ?? null
  begun.delete(file.name)
  const sent = await sendUnlessKnown(client, file, { ...wish, document_id }, journal)
  if (sent.outcome === 'failed' || sent.sha256 === null) return sent
  if (!(await isStill(file))) {
    if (sent.document_id !== null) begun.set(file.name, sent.document_id)
    return { ...sent, outcome: 'failed', problem: changedMeanwhile(file) }
  }
  // First what is remembered, then the move: after a break between the two the file is moved, not sent.
  await remember(folder, journal, file, sent)
  if (!wish.keep) await moveAway(folder, file)
  return sent
}

const isChanged = ({ problem }: Sent): boolean => problem?.code === 'changed'

const changedMeanwhile = ({ at }: LocalFile): CommandProblem =>
  new CommandProblem(
    'some_failed',
    `${at} changed while it was sent: it is sent again, as a new version, when it is whole.`,
    'changed'
  )

/** Whether nobody has written to it since it was found whole. */
async function isStill({ at, size, modified }: LocalFile): Promise<boolean> {
  const facts = await lstat(at).catch(() => null)
  return facts?.isFile() === true && facts.size === size && facts.mtime.getTime() === modified.getTime()
}

async function sendUnlessKnown(
  client: PorticoClient,
  file: LocalFile,
  wish: WatchWish,
  journal: Journal
): Promise<Sent> {
  try {
    const { sha256 } = await printsOf(file)
    const document_id = journal.documents.get(sha256)
    if (document_id !== undefined && !wish.again)
      return { file, outcome: 'there', sha256, document_id, problem: null }
    const [sent] = await sendFiles(client, wish.project, [file], wish, () => undefined)
    if (!sent) throw new Error('nothing was sent')
    return sent
  } catch (error) {
    return { file, outcome: 'failed', sha256: null, document_id: null, problem: problemOf(error) }
  }
}

type Journal = {
  /** Of each checksum the document that it became. */
  documents: Map<string, string>
  /** With `keep`: files that were dealt with, as they were. */
  names: Set<string>
}

const nameOf = ({ name, size, modified }: LocalFile): string => `${name}\n${size}\n${modified.getTime()}`

async function readJournal(folder: string): Promise<Journal> {
  const text = await readFile(join(folder, JOURNAL), 'utf8').catch(() => '')
  const journal: Journal = { documents: new Map(), names: new Set() }
  for (const line of text.split('\n')) {
    // The last line may have been cut by a break: that file is looked at again.
    const [sha256, document_id, kept] = line.split('\t')
    if (sha256?.length !== 64 || document_id?.length !== 36 || kept === undefined) continue
    journal.documents.set(sha256, document_id)
    if (kept !== '') journal.names.add(Buffer.from(kept, 'base64').toString('utf8'))
  }
  return journal
}

async function remember(folder: string, journal: Journal, file: LocalFile, sent: Sent): Promise<void> {
  const { sha256, document_id } = sent
  if (sha256 === null || document_id === null) return
  const kept = Buffer.from(nameOf(file), 'utf8').toString('base64')
  await appendFile(join(folder, JOURNAL), `\n${sha256}\t${document_id}\t${kept}`, {
    mode: 0o600,
    flush: true
  })
  journal.documents.set(sha256, document_id)
  journal.names.add(nameOf(file))
}

async function moveAway(folder: string, file: LocalFile): Promise<void> {
  await mkdir(join(folder, SENT), { recursive: true })
  const dot = file.name.lastIndexOf('.')
  const [stem, ending] = dot > 0 ? [file.name.slice(0, dot), file.name.slice(dot)] : [file.name, '']
  for (let no = 1; ; no += 1) {
    const to = join(folder, SENT, no === 1 ? file.name : `${stem} (${no})${ending}`)
    const taken = await access(to).then(
      () => true,
      () => false
    )
    if (!taken) return rename(file.at, to)
  }
}
