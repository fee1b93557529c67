/** One piece of a file (a part, or all of it) goes to the store. */
import { CallError, isSignedOut, passes } from './call-error.ts'
import { isReadable } from './head.ts'
import { MAX_REFUSALS, URLS_AT_ONCE } from './limits.ts'
import { partLength, partRange, partsToDo } from './plan.ts'
import { fail, forgetUpload, takeProgress } from './task.ts'
import { verdict } from './verdict.ts'
import type { Calls, Put, Task } from './types.ts'

/**
 * arrived · again: soon, the reason is dealt with · store_away, portal_away, signed_out: the sky is not fine · ended:
 * paused, cancelled or failed.
 */
export type Sent = 'arrived' | 'again' | 'store_away' | 'portal_away' | 'signed_out' | 'ended'

type Tools = {
  calls: Calls
  put: Put
  onProgress: () => void
  /** The portal gave a URL: whatever was thought of it, it is there. */
  onPortal: () => void
}

/** Sends part `no`. The task's `doing` has it already; it is taken out here whatever happens. Never rejects. */
export async function sendPiece(task: Task, no: number, tools: Tools): Promise<Sent> {
  const signal = task.stop.signal
  try {
    const known = task.urls.get(no)
    const url = known ?? (await askedUrl(task, no, tools))
    if (signal.aborted) return 'ended'
    if (url === null) return task.done.has(no) ? 'again' : refusedAgain(task, 'no url')
    return await put(task, no, url, signal, tools)
  } catch (cause) {
    if (signal.aborted) return 'ended'
    return afterCallError(task, cause)
  } finally {
    if (!signal.aborted) task.doing.delete(no)
  }
}

async function put(task: Task, no: number, url: string, signal: AbortSignal, tools: Tools): Promise<Sent> {
  const { upload, file } = task
  if (!upload || !file) return 'ended'
  const { start, end } = partRange(task.size, upload.part_size, no)
  const body = upload.part_count === 1 ? file : file.slice(start, end)
  const progress = (bytes: number) => {
    if (signal.aborted) return
    task.doing.set(no, bytes)
    tools.onProgress()
  }
  const status = await tools.put(url, body, progress, signal)
  if (signal.aborted) return 'ended'
  return judge(task, no, status)
}

async function judge(task: Task, no: number, status: number): Promise<Sent> {
  const upload = task.upload
  if (!upload || !task.file) return 'ended'
  task.urls.delete(no) // used: a URL takes one body
  switch (verdict(status, upload.part_count === 1)) {
    case 'arrived':
      task.refusals = 0
      if (!task.done.has(no)) task.done_bytes += partLength(task.size, upload.part_size, no)
      task.done.add(no)
      return 'arrived'
    case 'away':
      if (status === 0 && !(await isReadable(task.file))) return failed(task, 'unreadable')
      return 'store_away'
    case 'stale':
      task.urls.clear()
      return refusedAgain(task, String(status))
    case 'refused':
      return failed(task, 'refused', String(status))
  }
}

function refusedAgain(task: Task, why: string): Sent {
  task.refusals += 1
  return task.refusals > MAX_REFUSALS ? failed(task, 'refused', why) : 'again'
}

function failed(task: Task, ...why: [Parameters<typeof fail>[1], string?]): Sent {
  fail(task, ...why)
  return 'ended'
}

async function askedUrl(task: Task, no: number, tools: Tools): Promise<string | null> {
  const url = await urlOf(task, no, tools.calls)
  tools.onPortal()
  return url
}

/** A URL for part `no`; null when it has turned out that the part need not be sent. Rejects with CallError. */
async function urlOf(task: Task, no: number, calls: Calls): Promise<string | null> {
  const upload = task.upload
  if (!upload) return null
  if (upload.part_count === 1) {
    takeProgress(task, await calls.progress(upload.id))
    return task.done.has(1) ? null : (task.urls.get(1) ?? null)
  }
  await partUrls(task, no, calls)
  return task.urls.get(no) ?? null
}

const fetching = new WeakMap<Task, Promise<void>>()

/** Asks for URLs of the next parts; requests of one file that need URLs at the same time share one call. */
async function partUrls(task: Task, no: number, calls: Calls): Promise<void> {
  const running = fetching.get(task)
  if (running) {
    await running
    if (task.urls.has(no)) return
  }
  const upload = task.upload
  if (!upload) return
  const coming = partsToDo(upload.part_count, task.done, task.urls, URLS_AT_ONCE).filter((n) => n !== no)
  const numbers = [no, ...coming].slice(0, URLS_AT_ONCE)
  const call = calls.partUrls(upload.id, numbers).then((urls) => {
    for (const [number, url] of urls) task.urls.set(number, url)
  })
  fetching.set(task, call)
  try {
    await call
  } finally {
    fetching.delete(task)
  }
}

function afterCallError(task: Task, cause: unknown): Sent {
  if (isSignedOut(cause)) return 'signed_out'
  if (passes(cause)) return 'portal_away'
  if (!(cause instanceof CallError)) return failed(task, 'problem', String(cause))
  if (cause.status === 403) return failed(task, 'forbidden', cause.message)
  if (cause.status !== 404) return failed(task, 'problem', cause.message)
  forgetUpload(task)
  return failed(task, 'gone')
}
