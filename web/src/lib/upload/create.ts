/** Files become uploads: hashed, then made known to the portal, many in one call. */
import { CallError, isSignedOut, passes } from './call-error.ts'
import { headHash } from './head.ts'
import { BATCH, FIRST_BATCH, MAX_FILE_SIZE } from './limits.ts'
import { fail, takeUpload } from './task.ts'
import type { Upload } from '../contract.ts'
import type { Calls, FailureCode, Task } from './types.ts'

/** Files of one folder that go into the next call, in their order. */
export function nextBatch(waiting: Task[], first: boolean): Task[] {
  const folder = waiting[0]?.folder_id
  return waiting.filter((task) => task.folder_id === folder).slice(0, first ? FIRST_BATCH : BATCH)
}

/** Hashes beginnings, a few at a time; what cannot be read or is too large fails at once. Returns what can be sent. */
export async function prepare(batch: Task[]): Promise<Task[]> {
  const queue = batch.filter((task) => {
    if (task.size <= MAX_FILE_SIZE) return true
    fail(task, 'too_large')
    return false
  })
  const walk = queue.values()
  await Promise.all(Array.from({ length: 4 }, () => hashEach(walk)))
  return queue.filter((task) => task.phase === 'waiting')
}

async function hashEach(tasks: Iterator<Task>): Promise<void> {
  for (let step = tasks.next(); !step.done; step = tasks.next()) {
    const task = step.value
    if (task.head_sha256 !== null || task.file === null) continue
    try {
      task.head_sha256 = await headHash(task.file)
    } catch {
      fail(task, 'unreadable')
    }
  }
}

/** The same call again carries the same key, so that an answer that got lost makes no second upload. */
export type Attempt = { tasks: Task[]; key: string }

/**
 * Makes the uploads of one call. Returns what is left to try again later, unchanged (null: nothing), and whether
 * the sky is to blame. Files that the portal names as wrong fail; the others go into the next call.
 */
export async function create(
  calls: Calls,
  attempt: Attempt
): Promise<{ made: Task[]; again: Task[]; error: CallError | null }> {
  const tasks = attempt.tasks.filter((task) => task.phase === 'waiting')
  if (tasks.length === 0) return { made: [], again: [], error: null }
  try {
    const uploads = await calls.create(tasks[0]?.folder_id ?? '', tasks.map(newFile), attempt.key)
    return { made: tasks.filter((task, index) => take(task, uploads[index])), again: [], error: null }
  } catch (cause) {
    const error = cause instanceof CallError ? cause : new CallError(0, 'no_answer', String(cause))
    if (passes(error) || isSignedOut(error)) return { made: [], again: tasks, error }
    return { made: [], again: refuse(tasks, error), error: null }
  }
}

const newFile = (task: Task) => ({
  name: task.name,
  path: task.path,
  size: task.size,
  declared_type: task.file?.type || 'application/octet-stream',
  head_sha256: task.head_sha256,
  last_modified: task.file ? new Date(task.file.lastModified).toISOString() : null,
  document_id: task.document_id
})

function take(task: Task, upload: Upload | undefined): boolean {
  if (!upload) {
    fail(task, 'problem')
    return false
  }
  takeUpload(task, upload)
  return true
}

/** Fails the files that the problem names, or all when it names none. Returns the others. */
function refuse(tasks: Task[], error: CallError): Task[] {
  const named = new Set(error.fields.map((field) => /^files\.(\d+)\b/.exec(field)?.[1]).filter(Boolean))
  const isNamed = (index: number) => named.has(String(index))
  tasks.forEach((task, index) => {
    if (named.size === 0) fail(task, codeOf(error), error.message)
    else if (isNamed(index)) fail(task, 'bad_name', error.message)
  })
  return named.size === 0 ? [] : tasks.filter((_, index) => !isNamed(index))
}

/** 403 and 404 alike: the folder is not this person's to fill, or not theirs to see. */
const codeOf = (error: CallError): FailureCode =>
  error.status === 403 || error.status === 404 ? 'forbidden' : 'problem'
