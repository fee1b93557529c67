/** The uploads of this tab, as pages draw them. The engine lives as long as the tab: it survives moving between pages. */
import { isPhoto, mayBecomeOne } from '../photos/which.ts'
import { calls, matchNames, unfinished } from './browser/calls.ts'
import { claim, claimed } from './browser/claim.ts'
import { dropHandle, fileOf, handleOf, keepHandle } from './browser/handles.ts'
import { put } from './browser/put.ts'
import { requestsAtOnce } from './limits.ts'
import { type Complaint, type Row, complaintOf, inOrder, rowOf } from './look.ts'
import { mismatch } from './match.ts'
import { presence } from './presence.svelte.ts'
import { UploadQueue } from './queue.ts'
import { leftOver, totalsOf } from './task.ts'
import { type Question, type Twin, askAbout, findTwins } from './twins.ts'
import type { Arrival, Picked, Sky, Task } from './types.ts'

/** Milliseconds between two looks at the engine: it changes thousands of times a second. */
const LOOK_MS = 120
/** Failures and left-overs that are drawn one by one; the rest is a number. */
const FEW = 20

type Photos = { files: File[]; folder_id: string; project_id: string }

/** One fold of the panel: how many rows are drawn at a time, whatever there is. */
export type Window = { from: number; to: number }

class Uploads {
  totals = $state.raw(totalsOf([]))
  speed = $state(0)
  seconds = $state<number | null>(null)
  sky = $state<Sky>('fine')
  arrivals = $state.raw<Arrival[]>([])
  failures = $state.raw<Row[]>([])
  /** Begun before this page was loaded; each needs its file. */
  leftOvers = $state.raw<Row[]>([])
  /** Of all others those inside `window`; what moves first. */
  rows = $state.raw<Row[]>([])
  /** How many there are outside of it too. */
  count = $state(0)
  window = $state.raw<Window>({ from: 0, to: 20 })
  /** What was wrong with a file that was picked to go on. */
  complaint = $state.raw<Complaint | null>(null)
  /** Photos that were sent together and can become one PDF beside them. */
  photos = $state.raw<Photos | null>(null)
  /** Whether a file of a known name is a new version: asked now. */
  question = $state.raw<Question | null>(null)
  /** Whether the browser kept a handle of some left-over: then one press goes on with it. */
  hasHandles = $state(false)
  #queue: UploadQueue | null = null
  #timer: ReturnType<typeof setTimeout> | null = null
  #restored = new Set<string>()
  /** Questions come one after the other. */
  #asked: Promise<unknown> = Promise.resolve()

  get #engine(): UploadQueue {
    return (this.#queue ??= this.#start())
  }

  #start(): UploadQueue {
    const [page] = performance.getEntriesByType('navigation')
    const protocol = page instanceof PerformanceNavigationTiming ? page.nextHopProtocol : 'http/1.1'
    const queue = new UploadQueue({
      calls,
      put,
      claim,
      atOnce: requestsAtOnce(protocol),
      onChange: () => this.#lookSoon(),
      onKept: (task) => void (task.upload && task.handle && keepHandle(task.upload.id, task.handle)),
      onOver: (id) => void dropHandle(id)
    })
    window.addEventListener('online', () => queue.online())
    window.addEventListener('offline', () => queue.offline())
    document.addEventListener('visibilitychange', () => !document.hidden && queue.hope())
    window.addEventListener('beforeunload', (event) => {
      if (queue.totals.open + queue.totals.paused > 0) event.preventDefault()
    })
    return queue
  }

  /** Sends files into a folder. Files that were begun before and not finished go on where they stopped. */
  async add(files: Picked[], folder_id: string, project_id: string): Promise<void> {
    this.complaint = null
    const fresh: Picked[] = []
    for (const one of files) if (!(await this.#goOnWith(one))) fresh.push(one)
    const sorted = await findTwins(matchNames, folder_id, fresh)
    if (sorted.fresh.length > 0) this.#engine.add(sorted.fresh, folder_id, project_id)
    this.look()
    const decided = sorted.twins.length > 0 ? await this.#ask(sorted.twins) : []
    if (decided.length > 0) this.#engine.add(decided, folder_id, project_id)
    const photos = [...sorted.fresh, ...decided].map((one) => one.file).filter(isPhoto)
    if (mayBecomeOne(photos)) this.photos = { files: photos, folder_id, project_id }
    this.look()
  }

  #ask(twins: Twin[]): Promise<Picked[]> {
    const asking = this.#asked.then(() => askAbout(twins, (question) => (this.question = question)))
    this.#asked = asking
    return asking
  }

  /** Sends one PDF of the photos on offer. False: a photo cannot be read here. */
  async joinPhotos(name: string): Promise<boolean> {
    const { photos } = this
    if (!photos) return true
    const file = await import('../photos/leaves.ts')
      .then(({ pdfOfPhotos }) => pdfOfPhotos(photos.files, name))
      .catch(() => null)
    if (!file) return false
    this.photos = null
    await this.add([{ file, path: '' }], photos.folder_id, photos.project_id)
    return true
  }

  leavePhotos(): void {
    this.photos = null
  }

  /** Sends a file as a new version of a document. */
  addVersion(file: File, document: { id: string; folder_id: string; project_id: string }): void {
    const { id, folder_id, project_id } = document
    this.#engine.add([{ file, path: '', document_id: id }], folder_id, project_id)
    this.look()
  }

  /** Whether a left-over took the file. */
  async #goOnWith(one: Picked): Promise<boolean> {
    for (const task of this.#leftOvers()) {
      if (
        task.size !== one.file.size ||
        mismatch(task, { ...plain(one.file), head_sha256: task.head_sha256 ?? '' })
      )
        continue
      if ((await this.#engine.resumeWith(task, one.file)) === null) return true
    }
    return false
  }

  #leftOvers(): Task[] {
    return [...(this.#queue?.tasks.values() ?? [])].filter((task) => task.phase === 'needs_file')
  }

  /** Lists what this person began in a project and did not finish; goes on with what the browser still has. */
  async restore(project_id: string): Promise<void> {
    if (this.#restored.has(project_id)) return
    this.#restored.add(project_id)
    const begun = await unfinished(project_id).catch(() => [])
    if (begun.length === 0) return
    const elsewhere = await claimed().catch(() => new Set<string>())
    const tasks = begun.filter((upload) => !elsewhere.has(upload.id)).map(leftOver)
    for (const task of tasks) if (task.upload) task.handle = await handleOf(task.upload.id)
    this.#engine.adopt(tasks)
    await this.#fromHandles(tasks, false)
    this.look()
  }

  /** Goes on with every left-over whose handle the browser kept; shows the browser's question. Needs a press. */
  async goOn(): Promise<void> {
    await this.#fromHandles(this.#leftOvers(), true)
    this.look()
  }

  async #fromHandles(tasks: Task[], ask: boolean): Promise<void> {
    for (const task of tasks) {
      const file = task.handle && (await fileOf(task.handle, ask))
      if (!file) continue
      const wrong = await this.#engine.resumeWith(task, file)
      if (wrong) this.complaint = complaintOf(wrong, file.name, task.name)
    }
  }

  /** Takes the file that was picked again for one left-over; says what is wrong with it. */
  async goOnWithFile(key: number, file: File): Promise<void> {
    const task = this.#queue?.tasks.get(key)
    if (!task) return
    const wrong = await this.#engine.resumeWith(task, file)
    this.complaint = wrong ? complaintOf(wrong, file.name, task.name) : null
    this.look()
  }

  act(key: number, act: 'pause' | 'resume' | 'cancel'): void {
    const task = this.#queue?.tasks.get(key)
    if (task) this.#queue?.[act](task)
    this.look()
  }

  all(act: 'pauseAll' | 'resumeAll' | 'retryAll' | 'cancelAll' | 'dismiss'): void {
    this.#queue?.[act]()
    this.complaint = null
    if (act === 'dismiss' || act === 'cancelAll') this.photos = null
    this.look()
  }

  show(window: Window): void {
    this.window = window
    this.look()
  }

  #lookSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null
      this.look()
      if (this.totals.open > 0) this.#lookSoon()
    }, LOOK_MS)
  }

  /** Reads the engine's state into what pages draw. */
  look(): void {
    const queue = this.#queue
    if (!queue) return
    const groups = inOrder(queue.tasks.values())
    this.totals = totalsOf(queue.tasks.values())
    const pace = queue.pace(this.totals)
    this.speed = pace.speed
    this.seconds = pace.seconds
    this.sky = queue.sky
    this.arrivals = [...queue.arrivals.values()]
    this.failures = groups.failed.slice(0, FEW).map(rowOf)
    this.leftOvers = groups.needs_file.slice(0, FEW).map(rowOf)
    this.rows = groups.others.slice(this.window.from, this.window.to).map(rowOf)
    this.count = groups.others.length
    this.hasHandles = groups.needs_file.some((task) => task.handle !== null)
    presence.set({ any: queue.tasks.size > 0 || this.arrivals.length > 0, open: this.totals.open })
  }
}

const plain = (file: File) => ({ name: file.name, size: file.size })

export const uploads = new Uploads()
