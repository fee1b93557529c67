/**
 * Worker threads that parse. A page that takes too long or too much memory costs its worker, not the function: the
 * thread is ended, its memory is gone, and the next page gets a new one.
 */
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { z } from 'zod'
import type { PageText, PreviewResult } from '../_shared/contract/document.ts'
import { errorFacts, log } from '../_shared/log.ts'
import type { Source } from './input.ts'

export type Drawn = {
  width: number
  height: number
  /** JPEG. */
  image: Uint8Array
  /** WebP. */
  thumbnail: Uint8Array
  words: z.infer<typeof PageText>['words']
}
/** `page` null: the document has no such page. */
export type Answer = { page_count: number; page: Drawn | null }
export type Ask = { kind: 'pdf' | 'image' | 'text'; path: string; no: number }
export type Reply = { answer: Answer } | { failed: { result: Result; reason: string; whole: boolean } }
type Result = Exclude<z.infer<typeof PreviewResult>, 'complete'>

/** A page cannot be shown; `whole`: nor can any other of the document. */
export class PageFailed extends Error {
  readonly result: Result
  readonly reason: string
  readonly whole: boolean
  constructor(result: Result, reason: string, whole: boolean) {
    super(`${result}: ${reason}`)
    this.name = 'PageFailed'
    this.result = result
    this.reason = reason
    this.whole = whole
  }
}

/** Milliseconds for one page; 60 times what a full page of a book takes. */
const PAGE_LIMIT = 8_000
/** Bytes of resident memory of the whole process at which those at work are ended. */
const MEMORY_LIMIT = 450 * 1024 * 1024
const LOOK = 50
const THREADS = Math.max(2, Math.min(4, availableParallelism()))

type Place = { worker: Worker; busy: boolean; fail: ((error: PageFailed) => void) | null; last: string }
const places: Place[] = []
const waiting: (() => void)[] = []

function spawn(): Place {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { execArgv: [] })
  const place: Place = { worker, busy: false, fail: null, last: '' }
  worker.on('error', (error: unknown) => {
    log.warn('worker_lost', errorFacts(error))
    lose(place, new PageFailed('broken', 'parser_crashed', false))
  })
  worker.unref()
  places.push(place)
  return place
}

/** Ends a worker and tells whoever waits for it. */
function lose(place: Place, why: PageFailed): void {
  const at = places.indexOf(place)
  if (at >= 0) places.splice(at, 1)
  void place.worker.terminate()
  place.fail?.(why)
}

/** A free worker, rather one that has the document open; else a new one; else the next that gets free. */
async function takePlace(path: string): Promise<Place> {
  for (;;) {
    const free = places.filter((place) => !place.busy)
    const found =
      free.find((place) => place.last === path) ?? free[0] ?? (places.length < THREADS ? spawn() : null)
    if (found) {
      found.busy = true
      found.last = path
      return found
    }
    await new Promise<void>((resolve) => waiting.push(resolve))
  }
}

function watch(place: Place): () => void {
  const started = Date.now()
  const timer = setInterval(() => {
    if (Date.now() - started > PAGE_LIMIT) lose(place, new PageFailed('too_complex', 'time', false))
    else if (process.memoryUsage.rss() > MEMORY_LIMIT)
      lose(place, new PageFailed('too_complex', 'memory', false))
  }, LOOK)
  return () => clearInterval(timer)
}

/** Draws one page. Throws PageFailed. */
export async function drawPage(
  source: Exclude<Source, { kind: 'unsupported' }> | Source,
  no: number
): Promise<Answer> {
  if (source.kind === 'unsupported') throw new PageFailed('unsupported', source.reason, true)
  const place = await takePlace(source.path)
  const unwatch = watch(place)
  try {
    const reply = await ask(place, { kind: source.kind, path: source.path, no })
    if ('failed' in reply) throw new PageFailed(reply.failed.result, reply.failed.reason, reply.failed.whole)
    return reply.answer
  } finally {
    unwatch()
    place.busy = false
    place.fail = null
    waiting.shift()?.()
  }
}

function ask(place: Place, wish: Ask): Promise<Reply> {
  const { promise, resolve, reject } = Promise.withResolvers<Reply>()
  place.fail = reject
  place.worker.once('message', resolve)
  place.worker.postMessage(wish)
  return promise.finally(() => place.worker.removeListener('message', resolve))
}

/** Starts one worker, so that the first page does not wait for PDFium. */
export async function warmUp(): Promise<void> {
  const place = spawn()
  await new Promise((resolve) => place.worker.once('online', resolve))
}

export async function close(): Promise<void> {
  await Promise.all(places.map((place) => place.worker.terminate()))
}
