/**
 * Worker threads that parse. A page that takes too long or too much memory costs its worker, not the function: the
 * thread is ended, its memory is gone, and the next page gets a new one.
 */
import { Worker } from 'node:worker_threads'
import { errorFacts, log } from '../_shared/log.ts'
import { bytesOf, memoryCells } from '../_shared/pdf/memory.ts'
import { type Answer, type Ask, type LetGo, PageFailed, type Reply, type WorkerData } from './drawn.ts'

/** A third gains nothing on two cores, and 512 MB are too few for it. */
const THREADS = 2
/** Milliseconds for one page; a hundred times what a full page of a book takes. */
const PAGE_LIMIT = 8_000
/** Milliseconds for one page on a machine so busy that the process hardly got to compute; then it was no fault of the page. */
const PATIENT_LIMIT = 14_000
/** Microseconds of the process's processor time below which a page that is late only waited for its turn. */
const WORKED = 4_000_000
/** Bytes by which PDFium's memory may grow in all workers together; a scan of 600 dpi in colour takes 105 MB. */
const GROWTH_LIMIT = 220 * 1024 * 1024
/** Bytes of a worker's PDFium at which it is not kept for the next document. */
const GROWN = 64 * 1024 * 1024
/** Bytes of resident memory of the whole process at which the largest worker is ended, whatever the memory is for. */
const RESIDENT_LIMIT = 480 * 1024 * 1024
/** Bytes of resident memory above which a worker is not kept for the next document, whatever it holds. */
const ROOMY = 400 * 1024 * 1024
const LOOK = 50
/** Milliseconds that an ended worker's memory takes to be gone. */
const MEMORY_RETURNS = 500

type Place = {
  cell: number
  worker: Worker
  busy: { since: number; cpu: number; fail: (error: PageFailed) => void } | null
  last: string
}
type Waiter = { path: string; alone: boolean; take: (place: Place) => void }

const cells = memoryCells(THREADS)
const places: Place[] = []
const waiting: Waiter[] = []
/** Somebody has all the memory for a page that did not fit beside another. */
let alone = false
let closed = false

const grown = (place: Place): number => bytesOf(cells, place.cell)

function spawn(): Place {
  const cell = [...cells.keys()].find((one) => !places.some((place) => place.cell === one)) ?? 0
  cells[cell] = 0
  const workerData: WorkerData = { cells, cell, limit: GROWTH_LIMIT }
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    workerData,
    execArgv: ['--no-warnings'],
    // JavaScript's own memory; text of 2 MiB becomes pages with 30. What is young would take 48 of its own accord.
    resourceLimits: { maxOldGenerationSizeMb: 96, maxYoungGenerationSizeMb: 12 }
  })
  const place: Place = { cell, worker, busy: null, last: '' }
  worker.on('error', (error: unknown) => {
    log.warn('worker_lost', errorFacts(error))
    const outOfMemory = error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY'
    lose(place, outOfMemory ? tooMuch() : new PageFailed('broken', 'parser_crashed', false))
  })
  worker.on('exit', () => lose(place, new PageFailed('broken', 'parser_crashed', false)))
  worker.unref()
  places.push(place)
  return place
}

const tooMuch = () => new PageFailed('too_complex', 'memory', false)

/** Ends a worker and tells whoever waits for it. A second time nothing happens. */
function lose(place: Place, why: PageFailed): void {
  const at = places.indexOf(place)
  if (at < 0) return
  places.splice(at, 1)
  void place.worker.terminate()
  place.busy?.fail(why)
  handOut()
}

/** Gives free workers to those who wait, in their order; rather one that has the document open. */
function handOut(): void {
  while (waiting[0] && !closed) {
    const [next] = waiting
    const free = places.filter((place) => place.busy === null)
    if (alone || (next.alone && free.length < places.length)) return
    if (next.alone) {
      // All that others hold is given up; the page starts afresh.
      for (const place of places.splice(0)) void place.worker.terminate()
      alone = true
      free.length = 0
    }
    const found =
      free.find((place) => place.last === next.path) ??
      (places.length < THREADS && free.every((place) => place.last !== '') ? spawn() : free[0])
    if (!found) return
    waiting.shift()
    found.last = next.path
    found.busy = atWork(() => {})
    next.take(found)
  }
}

const processorTime = (): number => {
  const { user, system } = process.cpuUsage()
  return user + system
}

const atWork = (fail: (error: PageFailed) => void) => ({ since: Date.now(), cpu: processorTime(), fail })

function isLate(work: { since: number; cpu: number }, now: number): boolean {
  const waited = now - work.since
  return waited > PATIENT_LIMIT || (waited > PAGE_LIMIT && processorTime() - work.cpu > WORKED)
}

let patient_until = 0

/** Looks after those at work; there is one look for all, so that only one is ended for the memory of all. */
const looking = setInterval(() => {
  const now = Date.now()
  const busy = places.filter((place) => place.busy)
  for (const place of busy)
    if (place.busy && isLate(place.busy, now)) lose(place, new PageFailed('too_complex', 'time', false))
  if (busy.length === 0 || now < patient_until || process.memoryUsage.rss() < RESIDENT_LIMIT) return
  // Rather one that nobody waits for.
  const [largest] = places.toSorted(
    (a, b) => Number(a.busy !== null) - Number(b.busy !== null) || grown(b) - grown(a)
  )
  if (largest) lose(largest, tooMuch())
  patient_until = now + MEMORY_RETURNS
}, LOOK)
looking.unref()

async function drawOnce(wish: Ask, isAlone: boolean): Promise<Answer> {
  const place = await new Promise<Place>((take) => {
    waiting.push({ path: wish.path, alone: isAlone, take })
    handOut()
  })
  try {
    const reply = await ask(place, wish)
    if ('answer' in reply) return reply.answer
    const failed = new PageFailed(reply.failed.result, reply.failed.reason, reply.failed.whole)
    // After a refused malloc nobody knows what PDFium's tables hold.
    if (failed.reason === 'memory') lose(place, failed)
    throw failed
  } finally {
    place.busy = null
    if (isAlone) alone = false
    handOut()
  }
}

function ask(place: Place, wish: Ask): Promise<Reply> {
  const { promise, resolve, reject } = Promise.withResolvers<Reply>()
  place.busy = atWork(reject)
  place.worker.once('message', resolve)
  place.worker.postMessage(wish)
  return promise.finally(() => place.worker.removeListener('message', resolve))
}

/**
 * Draws one page. One that found too little memory beside another page gets all of it, if there is time.
 *
 * @param until milliseconds of Date.now() until which a second try may begin
 * @throws PageFailed
 */
export async function drawPage(wish: Ask, until: number): Promise<Answer> {
  try {
    return await drawOnce(wish, false)
  } catch (error) {
    const crowded = places.some((place) => place.busy !== null || grown(place) > GROWN / 4)
    const worthIt = error instanceof PageFailed && error.reason === 'memory' && crowded
    if (!worthIt || Date.now() > until) throw error
    return drawOnce(wish, true)
  }
}

/** A document is done with: workers close it, large ones end. */
export function letGo(path: string): void {
  for (const place of places.filter((one) => one.busy === null && one.last === path)) {
    place.last = ''
    const wish: LetGo = { kind: 'let_go', path }
    if (grown(place) > GROWN || process.memoryUsage.rss() > ROOMY) lose(place, tooMuch())
    else place.worker.postMessage(wish)
  }
}

/** Starts one worker, so that the first page does not wait for PDFium. */
export async function warmUp(): Promise<void> {
  const place = spawn()
  await new Promise((resolve) => place.worker.once('online', resolve))
}

export async function close(): Promise<void> {
  closed = true
  clearInterval(looking)
  await Promise.all(places.splice(0).map((place) => place.worker.terminate()))
}
