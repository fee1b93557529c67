/**
 * Worker threads that parse. A page that takes too long or too much memory costs its worker, not the function: the
 * thread is ended, its memory is gone, and the next page gets a new one.
 */
import { Worker } from 'node:worker_threads'
import { errorFacts, log } from '../_shared/log.ts'
import { bytesOf, memoryCells } from '../_shared/pdf/memory.ts'
import { type Answer, type Ask, DRAWN, type LetGo, PageFailed, type Reply, type WorkerData } from './drawn.ts'

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

type Work = {
  since: number
  cpu: number
  done: (reply: Reply) => void
  fail: (error: PageFailed | 'again') => void
}
/** A worker draws one page while the one before, which is drawn, becomes a JPEG. */
type Place = { cell: number; worker: Worker; drawing: Work | null; encoding: Work | null; last: string }
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
  const place: Place = { cell, worker, drawing: null, encoding: null, last: '' }
  worker.on('message', (said: typeof DRAWN | Reply) => {
    if (said === DRAWN) [place.encoding, place.drawing] = [place.drawing, null]
    else end(place, said)
    handOut()
  })
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

/** An answer is about the page that was begun first. */
function end(place: Place, reply: Reply): void {
  const first = place.encoding ?? place.drawing
  if (place.encoding) place.encoding = null
  else place.drawing = null
  first?.done(reply)
}

const isIdle = (place: Place): boolean => place.drawing === null && place.encoding === null

/**
 * Ends a worker and tells whoever waits for it: what was being drawn is to blame, and what was drawn already is drawn
 * again. A second time nothing happens.
 */
function lose(place: Place, why: PageFailed): void {
  const at = places.indexOf(place)
  if (at < 0) return
  places.splice(at, 1)
  void place.worker.terminate()
  place.encoding?.fail(place.drawing ? 'again' : why)
  place.drawing?.fail(why)
  handOut()
}

/** Gives free workers to those who wait, in their order; rather one that has the document open. */
function handOut(): void {
  while (waiting[0] && !closed) {
    const [next] = waiting
    const idle = places.filter(isIdle)
    if (alone || (next.alone && idle.length < places.length)) return
    if (next.alone) {
      // All that others hold is given up; the page starts afresh.
      for (const place of places.splice(0)) void place.worker.terminate()
      alone = true
      idle.length = 0
    }
    const found =
      idle.find((place) => place.last === next.path) ??
      (places.length < THREADS && idle.every((place) => place.last !== '') ? spawn() : idle[0]) ??
      // Another document's page waits until the worker has none: what it took for the one is not to cost the other.
      places.find((place) => place.drawing === null && place.last === next.path)
    if (!found) return
    waiting.shift()
    found.last = next.path
    next.take(found)
  }
}

const processorTime = (): number => {
  const { user, system } = process.cpuUsage()
  return user + system
}

function isLate(work: Work, now: number): boolean {
  const waited = now - work.since
  return waited > PATIENT_LIMIT || (waited > PAGE_LIMIT && processorTime() - work.cpu > WORKED)
}

let patient_until = 0

/** Looks after those at work; there is one look for all, so that only one is ended for the memory of all. */
const looking = setInterval(() => {
  const now = Date.now()
  for (const place of [...places]) {
    const work = place.drawing ?? place.encoding
    if (work && isLate(work, now)) lose(place, new PageFailed('too_complex', 'time', false))
  }
  if (places.every(isIdle) || now < patient_until || process.memoryUsage.rss() < RESIDENT_LIMIT) return
  // Rather one that nobody waits for.
  const [largest] = places.toSorted((a, b) => Number(isIdle(b)) - Number(isIdle(a)) || grown(b) - grown(a))
  if (largest) lose(largest, tooMuch())
  patient_until = now + MEMORY_RETURNS
}, LOOK)
looking.unref()

/** As often as its worker is lost for another page's sake. */
async function drawOnce(wish: Ask, isAlone: boolean): Promise<Answer> {
  const reply = await new Promise<Reply | 'again'>((resolve, reject) => {
    const take = (place: Place): void => {
      const done = (said: Reply): void => {
        // After a refused malloc nobody knows what PDFium's tables hold.
        if ('failed' in said && said.failed.reason === 'memory') lose(place, tooMuch())
        resolve(said)
      }
      const fail = (why: PageFailed | 'again'): void => (why === 'again' ? resolve(why) : reject(why))
      place.drawing = { since: Date.now(), cpu: processorTime(), done, fail }
      place.worker.postMessage(wish)
    }
    waiting.push({ path: wish.path, alone: isAlone, take })
    handOut()
  }).finally(() => {
    if (!isAlone) return
    alone = false
    handOut()
  })
  if (reply === 'again') return drawOnce(wish, isAlone)
  if ('answer' in reply) return reply.answer
  throw new PageFailed(reply.failed.result, reply.failed.reason, reply.failed.whole)
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
    const crowded = places.some((place) => !isIdle(place) || grown(place) > GROWN / 4)
    const worthIt = error instanceof PageFailed && error.reason === 'memory' && crowded
    if (!worthIt || Date.now() > until) throw error
    return drawOnce(wish, true)
  }
}

/** A document is done with: workers close it, large ones end. */
export function letGo(path: string): void {
  for (const place of places.filter((one) => isIdle(one) && one.last === path)) {
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
