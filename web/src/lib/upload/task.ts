/** One file on its way, and sums over many. */
import { arrivedParts, partLength } from './plan.ts'
import type { Upload, UploadProgress } from '../contract.ts'
import type { Failure, Picked, Task, Totals } from './types.ts'

let lastKey = 0

const blank = () => ({
  key: ++lastKey,
  failure: null,
  document: null,
  done: new Set<number>(),
  done_bytes: 0,
  doing: new Map<number, number>(),
  urls: new Map<number, string>(),
  refusals: 0,
  stop: new AbortController()
})

export function taskOf(picked: Picked, folder_id: string, project_id: string): Task {
  return {
    ...blank(),
    folder_id,
    project_id,
    path: picked.path,
    name: picked.file.name,
    size: picked.file.size,
    document_id: picked.document_id ?? null,
    file: picked.file,
    handle: picked.handle ?? null,
    head_sha256: null,
    upload: null,
    phase: 'waiting'
  }
}

/** A task for an upload that was begun before this page was loaded. */
export function leftOver(upload: UploadProgress): Task {
  const task: Task = {
    ...blank(),
    folder_id: upload.folder_id,
    project_id: upload.project_id,
    path: '',
    name: upload.name,
    size: upload.size,
    document_id: upload.of_document_id,
    file: null,
    handle: null,
    head_sha256: upload.head_sha256,
    upload: null,
    phase: 'needs_file'
  }
  takeProgress(task, upload)
  return task
}

/** The portal made an upload for this file. */
export function takeUpload(task: Task, upload: Upload): void {
  task.upload = upload
  task.urls.clear()
  if (upload.url) task.urls.set(1, upload.url)
}

/** What the store has of this file already. */
export function takeProgress(task: Task, progress: UploadProgress): void {
  takeUpload(task, progress)
  task.done = arrivedParts(progress, progress.parts)
  task.done_bytes = 0
  for (const no of task.done) task.done_bytes += partLength(progress.size, progress.part_size, no)
}

/** Begins from nothing: the portal no longer knows the upload. */
export function forgetUpload(task: Task): void {
  task.upload = null
  task.urls.clear()
  task.done.clear()
  task.done_bytes = 0
}

export function sentBytes(task: Task): number {
  if (task.phase === 'received') return task.size
  let bytes = task.done_bytes
  for (const sent of task.doing.values()) bytes += sent
  return Math.min(bytes, task.size)
}

/** Aborts what is in flight. */
export function halt(task: Task): void {
  task.stop.abort()
  task.stop = new AbortController()
  task.doing.clear()
}

export function fail(task: Task, code: Failure['code'], detail: string | null = null): void {
  halt(task)
  task.phase = 'failed'
  task.failure = { code, detail }
}

export function totalsOf(tasks: Iterable<Task>): Totals {
  const totals = { files: 0, received: 0, failed: 0, needs_file: 0, paused: 0, open: 0, bytes: 0, sent: 0 }
  for (const task of tasks) {
    totals.files += 1
    totals.bytes += task.size
    totals.sent += sentBytes(task)
    if (task.phase === 'received') totals.received += 1
    else if (task.phase === 'failed') totals.failed += 1
    else if (task.phase === 'needs_file') totals.needs_file += 1
    else if (task.phase === 'paused') totals.paused += 1
    else totals.open += 1
  }
  return totals
}
