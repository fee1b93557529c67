/**
 * The upload engine: files go in, documents come out, and everything in between (parts, retries, a store that is away,
 * pauses) is its business. Framework-free; the page looks at it through uploads.svelte.ts.
 */
import { Coalescer } from './coalesce.ts'
import { create, nextBatch, prepare } from './create.ts'
import { finish, joinArrivals } from './finish.ts'
import { headHash } from './head.ts'
import { BATCH, COALESCE_MS, CREATED_AHEAD } from './limits.ts'
import { mismatch } from './match.ts'
import { FILE_COST, Pace } from './pace.ts'
import { partsToDo } from './plan.ts'
import { sendPiece } from './send.ts'
import { forgetUpload, halt, taskOf, totalsOf } from './task.ts'
import { Weather } from './weather.ts'
import type { CallError } from './call-error.ts'
import type { Attempt } from './create.ts'
import type { Mismatch } from './match.ts'
import type { Arrival, Calls, Picked, Put, Sky, Task, Totals } from './types.ts'

export type Options = {
  calls: Calls
  put: Put
  /** Requests to the store at a time. */
  atOnce: number
  /** Something changed; called often, so whoever draws throttles. */
  onChange?: () => void
  /** Takes an upload for this tab; null when another tab drives it. The answer lets it go. */
  claim?: (id: string) => Promise<(() => void) | null>
  /** An upload has its file: what is needed to find it after a reload can be kept. */
  onKept?: (task: Task) => void
  /** An upload is over. */
  onOver?: (id: string) => void
  now?: () => number
}

export class UploadQueue {
  readonly tasks = new Map<number, Task>()
  readonly arrivals = new Map<string, Arrival>()
  /** Store and portal go away separately: parts go on while a function is down, and the other way round. */
  readonly #store = new Weather()
  readonly #portal = new Weather()
  readonly #pace = new Pace()
  readonly #options: Options
  readonly #now: () => number
  readonly #finishing: Coalescer<Task>
  readonly #claims = new Map<string, () => void>()
  #waiting: Task[] = []
  #ready: Task[] = []
  #unfinished: Task[] = []
  #attempt: Attempt | null = null
  #creating = false
  #hasCreated = false
  #flight = 0
  #timer: ReturnType<typeof setTimeout> | null = null

  constructor(options: Options) {
    this.#options = options
    this.#now = options.now ?? (() => performance.now())
    this.#finishing = new Coalescer(COALESCE_MS, BATCH, (tasks) => this.#finish(tasks))
  }

  /** Takes files for a folder. They begin at once. */
  add(picked: Picked[], folder_id: string, project_id: string): Task[] {
    const tasks = picked.map((one) => taskOf(one, folder_id, project_id))
    for (const task of tasks) this.tasks.set(task.key, task)
    this.#waiting.push(...tasks)
    this.#pump()
    return tasks
  }

  /** Lists what was begun before this page was loaded; each waits for its file (`resumeWith`). */
  adopt(tasks: Task[]): void {
    const known = new Set(Array.from(this.tasks.values(), (task) => task.upload?.id))
    for (const task of tasks) if (!known.has(task.upload?.id)) this.tasks.set(task.key, task)
    this.#changed()
  }

  /**
   * Goes on with a left-over, given its file. Returns null when it goes on, what is wrong with the file, 'unreadable',
   * or 'elsewhere' when another tab sends it.
   */
  async resumeWith(task: Task, file: File): Promise<Mismatch | 'unreadable' | 'elsewhere' | null> {
    if (task.phase !== 'needs_file' || !task.upload) return null
    const head_sha256 = await headHash(file).catch(() => null)
    if (head_sha256 === null) return 'unreadable'
    const wrong = mismatch(task, { name: file.name, size: file.size, head_sha256 })
    if (wrong) return wrong
    if (!(await this.#claim(task.upload.id))) return 'elsewhere'
    task.file = file
    task.failure = null
    this.#enqueue(task)
    this.#pump()
    return null
  }

  pause(task: Task): void {
    if (task.phase !== 'waiting' && task.phase !== 'queued' && task.phase !== 'sending') return
    halt(task)
    task.phase = 'paused'
    this.#pump()
  }

  /** Goes on with what was paused or has failed. */
  resume(task: Task): void {
    if (task.phase !== 'paused' && task.phase !== 'failed') return
    if (task.failure?.code === 'mismatch' || task.failure?.code === 'refused') this.#startOver(task)
    task.failure = null
    task.refusals = 0
    this.#enqueue(task)
    this.#pump()
  }

  /** Takes a file out for good; what the store has of it is thrown away. */
  cancel(task: Task): void {
    halt(task)
    this.tasks.delete(task.key)
    this.#startOver(task)
    task.phase = 'failed'
    this.#pump()
  }

  pauseAll(): void {
    for (const task of this.tasks.values()) this.pause(task)
  }

  resumeAll(): void {
    for (const task of this.tasks.values()) if (task.phase === 'paused') this.resume(task)
  }

  retryAll(): void {
    for (const task of this.tasks.values())
      if (task.phase === 'failed' && task.failure?.code !== 'unreadable') this.resume(task)
  }

  cancelAll(): void {
    for (const task of [...this.tasks.values()]) if (task.phase !== 'received') this.cancel(task)
  }

  /** The receipt was read: what has arrived is no longer listed. */
  dismiss(): void {
    for (const [key, task] of this.tasks) if (task.phase === 'received') this.tasks.delete(key)
    this.arrivals.clear()
    this.#changed()
  }

  /** It may be better now: online again, signed in again, somebody looks. */
  hope(): void {
    this.#store.hope(this.#now())
    this.#portal.hope(this.#now())
    this.#pump()
  }

  /** The browser says that there is a line again. What is still away will say so itself. */
  online(): void {
    for (const weather of [this.#store, this.#portal]) if (weather.sky === 'offline') weather.succeeded()
    this.hope()
  }

  offline(): void {
    const now = this.#now()
    this.#store.failed(now, 'offline')
    this.#portal.failed(now, 'offline')
    this.#pump()
  }

  /** The worse of the two. */
  get sky(): Sky {
    return this.#portal.sky === 'fine' ? this.#store.sky : this.#portal.sky
  }

  get totals(): Totals {
    return totalsOf(this.tasks.values())
  }

  /** Bytes per second and seconds left; null while nothing is known. Call it regularly: it is its own sampler. */
  pace(totals: Totals): { speed: number; seconds: number | null } {
    if (totals.open === 0 || this.sky !== 'fine') this.#pace.rest()
    else this.#pace.sample(this.#now(), totals.sent + totals.received * FILE_COST)
    let left = 0
    for (const task of this.tasks.values())
      if (task.phase === 'waiting' || task.phase === 'queued' || task.phase === 'sending')
        left += task.size - task.done_bytes + FILE_COST
    return { speed: this.#pace.perSecond, seconds: this.#pace.secondsFor(left) }
  }

  #changed(): void {
    this.#options.onChange?.()
  }

  #enqueue(task: Task): void {
    if (!task.upload) {
      task.phase = 'waiting'
      if (!this.#waiting.includes(task)) this.#waiting.push(task)
    } else {
      task.phase = 'queued'
      if (!this.#ready.includes(task)) this.#ready.push(task)
    }
  }

  #startOver(task: Task): void {
    const id = task.upload?.id
    forgetUpload(task)
    if (!id) return
    this.#over(id)
    void this.#options.calls.remove(id).catch(() => undefined) // what stays is swept after a day
  }

  #over(id: string): void {
    this.#claims.get(id)?.()
    this.#claims.delete(id)
    this.#options.onOver?.(id)
  }

  async #claim(id: string): Promise<boolean> {
    if (this.#claims.has(id) || !this.#options.claim) return true
    const release = await this.#options.claim(id)
    if (release) this.#claims.set(id, release)
    return release !== null
  }

  /** Starts whatever may start now. Cheap, and called after everything that happens. */
  #pump(): void {
    const now = this.#now() // one moment for all questions: between two of them a wait could end unseen
    this.#waiting = this.#waiting.filter((task) => task.phase === 'waiting')
    if (this.#portal.room(now, 1) > 0) {
      for (const task of this.#unfinished.splice(0)) this.#finishing.add(task)
      if (!this.#creating && this.#waiting.length > 0 && this.#ready.length < CREATED_AHEAD)
        void this.#create()
    }
    while (this.#flight < this.#store.room(now, this.#options.atOnce)) {
      const piece = this.#nextPiece(now)
      if (!piece) break
      void this.#send(piece.task, piece.no)
    }
    this.#wake(now)
    this.#changed()
  }

  /** While the sky is not fine the clock goes on asking. */
  #wake(now: number): void {
    if (this.sky === 'fine' || this.#timer !== null) return
    const waits = [this.#store, this.#portal].map((weather) => weather.nextTry - now)
    const wait = Math.min(...waits.filter((ms) => ms > 0))
    if (wait === Infinity) return // a request is out that will tell, or there is nothing to ask for
    this.#timer = setTimeout(() => {
      this.#timer = null
      this.#pump()
    }, wait + 1)
  }

  /** The first file that has something to send. With others waiting, one file takes two thirds of the requests at most. */
  #nextPiece(now: number): { task: Task; no: number } | null {
    this.#ready = this.#ready.filter((task) => task.phase === 'queued' || task.phase === 'sending')
    const share = this.#ready.length > 1 ? Math.ceil((this.#options.atOnce * 2) / 3) : this.#options.atOnce
    for (const task of this.#ready) {
      if (task.doing.size >= share || !task.upload) continue
      const [no] = partsToDo(task.upload.part_count, task.done, task.doing, 1)
      if (no !== undefined && (task.urls.has(no) || this.#portal.room(now, 1) > 0)) return { task, no }
      if (no !== undefined) continue // its address has to be asked for, and nobody answers just now
      if (task.doing.size === 0) this.#sent(task) // nothing was left to send
    }
    return null
  }

  async #send(task: Task, no: number): Promise<void> {
    task.doing.set(no, 0)
    task.phase = 'sending'
    this.#flight += 1
    const { calls, put } = this.#options
    const onProgress = () => this.#changed()
    const onPortal = () => this.#portal.succeeded()
    const sent = await sendPiece(task, no, { calls, put, onProgress, onPortal })
    this.#flight -= 1
    if (sent === 'store_away') this.#blame(this.#store, 'away')
    else if (sent === 'portal_away' || sent === 'signed_out')
      this.#blame(this.#portal, sent === 'signed_out' ? sent : 'away')
    else if (sent === 'arrived') {
      this.#store.succeeded()
      if (this.#portal.sky === 'offline') this.#portal.succeeded() // there is a line after all
    }
    if (sent === 'arrived' && task.done.size === task.upload?.part_count) this.#sent(task)
    this.#pump()
  }

  #sent(task: Task): void {
    task.phase = 'finishing'
    this.#finishing.add(task)
  }

  #blame(weather: Weather, sky: 'away' | 'signed_out'): void {
    const offline = sky === 'away' && typeof navigator !== 'undefined' && navigator.onLine === false
    weather.failed(this.#now(), offline ? 'offline' : sky)
  }

  #answered(error: CallError | null): void {
    if (error) this.#blame(this.#portal, error.status === 401 ? 'signed_out' : 'away')
    else this.#portal.succeeded()
  }

  /** The call that got no answer, if all its files still want it: repeated under its key it makes nothing twice. */
  #standing(): Attempt | null {
    return this.#attempt?.tasks.every((task) => task.phase === 'waiting') ? this.#attempt : null
  }

  async #create(): Promise<void> {
    this.#creating = true
    const attempt = this.#standing() ?? {
      tasks: await prepare(nextBatch(this.#waiting, !this.#hasCreated)),
      key: crypto.randomUUID()
    }
    const { made, again, error } = await create(this.#options.calls, attempt)
    this.#answered(error)
    const unchanged = error !== null && again.length === attempt.tasks.length
    this.#attempt = unchanged ? attempt : null
    if (made.length > 0) this.#hasCreated = true
    for (const task of made) {
      if (!this.tasks.has(task.key))
        this.#startOver(task) // cancelled meanwhile
      else if (task.phase === 'waiting') this.#enqueue(task)
      void this.#claim(task.upload?.id ?? '')
      this.#options.onKept?.(task)
    }
    this.#creating = false
    this.#pump()
  }

  async #finish(tasks: Task[]): Promise<void> {
    const alive = tasks.filter((task) => task.phase === 'finishing' && this.tasks.has(task.key))
    for (const group of Map.groupBy(alive, (task) => task.folder_id).values()) {
      const { arrival, sendAgain, later, error } = await finish(this.#options.calls, group)
      this.#answered(error)
      this.#unfinished.push(...later)
      for (const task of sendAgain) this.#enqueue(task)
      for (const task of group) if (task.phase === 'received' && task.upload) this.#over(task.upload.id)
      const folder = group[0]?.folder_id ?? ''
      if (arrival) this.arrivals.set(folder, joinArrivals(this.arrivals.get(folder), arrival))
    }
    this.#pump()
  }
}
