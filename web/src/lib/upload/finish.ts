/** Files whose bytes are all in the store become documents. */
import { CallError, isSignedOut, passes } from './call-error.ts'
import { MAX_REFUSALS } from './limits.ts'
import { partLength } from './plan.ts'
import { fail, forgetUpload } from './task.ts'
import type { Receipt } from '../contract.ts'
import type { Arrival, Calls, Task } from './types.ts'

export type Finished = { arrival: Arrival | null; sendAgain: Task[]; later: Task[]; error: CallError | null }

/** Completes files of one folder in one call. Never rejects. */
export async function finish(calls: Calls, tasks: Task[]): Promise<Finished> {
  const ids = tasks.flatMap((task) => task.upload?.id ?? [])
  try {
    return { ...apply(tasks, await calls.complete(ids)), later: [], error: null }
  } catch (cause) {
    const error = cause instanceof CallError ? cause : new CallError(0, 'no_answer', String(cause))
    if (passes(error) || isSignedOut(error)) return { arrival: null, sendAgain: [], later: tasks, error }
    for (const task of tasks) fail(task, 'problem', error.message)
    return { arrival: null, sendAgain: [], later: [], error: null }
  }
}

function apply(tasks: Task[], receipt: Receipt): Pick<Finished, 'arrival' | 'sendAgain'> {
  const outcomes = new Map(receipt.outcomes.map((outcome) => [outcome.id, outcome]))
  const sendAgain: Task[] = []
  for (const task of tasks) {
    const outcome = outcomes.get(task.upload?.id ?? '')
    if (outcome?.outcome === 'received')
      arrive(task, outcome.document && { ...outcome.document, arrived_no: outcome.version_no ?? 1 })
    else if (outcome?.outcome === 'incomplete') {
      if (reopen(task, outcome.missing)) sendAgain.push(task)
    } else if (outcome?.outcome === 'mismatch') fail(task, 'mismatch')
    else {
      forgetUpload(task)
      fail(task, 'gone')
    }
  }
  const documents = tasks.flatMap((task) => (task.phase === 'received' ? (task.document ?? []) : []))
  const { received_at, seen_by, seen_by_more } = receipt
  return {
    arrival: documents.length > 0 ? { received_at, seen_by, seen_by_more, documents } : null,
    sendAgain
  }
}

function arrive(task: Task, document: Task['document']): void {
  task.phase = 'received'
  task.document = document
  task.failure = null
  task.file = null // 10,000 files are not held in memory for the receipt
  task.urls.clear()
}

/** Parts that are not there after all are sent again. Returns false when that has been tried often enough. */
function reopen(task: Task, missing: number[]): boolean {
  task.refusals += 1
  if (!task.upload || task.refusals > MAX_REFUSALS) {
    fail(task, 'mismatch')
    return false
  }
  for (const no of missing.length > 0 ? missing : [...task.done])
    if (task.done.delete(no)) task.done_bytes -= partLength(task.size, task.upload.part_size, no)
  task.phase = 'queued'
  return true
}

/** Two receipts of one folder read as one. */
export function joinArrivals(before: Arrival | undefined, now: Arrival): Arrival {
  return before ? { ...now, documents: [...before.documents, ...now.documents] } : now
}
