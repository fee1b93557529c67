/** What a list of uploads shows, and in which order. Pure. */
import { sentBytes } from './task.ts'
import type { Mismatch } from './match.ts'
import type { Failure, Phase, Task } from './types.ts'

/** One line of the panel. */
export type Row = {
  key: number
  name: string
  size: number
  sent: number
  phase: Phase
  failure: Failure | null
}

export const rowOf = (task: Task): Row => ({
  key: task.key,
  name: task.path === '' ? task.name : `${task.path}/${task.name}`,
  size: task.size,
  sent: sentBytes(task),
  phase: task.phase,
  failure: task.failure
})

/** What moves, then what waits; what has arrived comes last. */
const ORDER: Phase[] = ['finishing', 'sending', 'paused', 'queued', 'waiting', 'received']

/** Failures, what needs somebody, and the others by `ORDER`, each as they came. One pass: there may be 10,000. */
export function inOrder(tasks: Iterable<Task>): Record<'failed' | 'needs_file' | 'others', Task[]> {
  const groups = Map.groupBy(tasks, (task) => task.phase)
  return {
    failed: groups.get('failed') ?? [],
    needs_file: groups.get('needs_file') ?? [],
    others: ORDER.flatMap((phase) => groups.get(phase) ?? [])
  }
}

export type Complaint = { why: Mismatch | 'unreadable' | 'elsewhere'; picked: string; name: string }

export const complaintOf = (why: Complaint['why'], picked: string, name: string): Complaint => ({
  why,
  picked,
  name
})
