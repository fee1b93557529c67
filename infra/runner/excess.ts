/** What a function may hold, looked at from outside now and then: whoever holds more is ended, as a container would be. */
import { readFileSync, readdirSync } from 'node:fs'
import type { Room } from './room.ts'
import type { FunctionSpec } from './stack.ts'

/**
 * Of all processes of a room together, the function's own limit so many times over: what it starts (LibreOffice, a drawing)
 * it bounds itself, with less. This is for when it does not any more.
 */
const ROOM_MEMORY = 2
/** Processes of a room; a conversion has five. */
const ROOM_PROCESSES = 40

export type Excess = 'out_of_memory' | 'tmp_full' | 'too_many_processes'

/** What of its limits it has broken, or null. Where there is no /proc nobody can tell. */
export function excessOf(spec: FunctionSpec, pid: number, room: Room | null): Excess | null {
  if (memoryOf(pid) > spec.memory) return 'out_of_memory'
  if (room === null) return null
  if (room.size() > spec.tmp) return 'tmp_full'
  const all = withChildren(pid)
  if (all.length > ROOM_PROCESSES) return 'too_many_processes'
  const memory = all.reduce((sum, one) => sum + memoryOf(one), 0)
  return memory > spec.memory * ROOM_MEMORY ? 'out_of_memory' : null
}

/** Bytes that the process holds for itself alone, as a container's limit counts them. */
export function memoryOf(pid: number): number {
  return Number(/^RssAnon:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0) * 1024
}

/** The process and all below it; a few more than it may have are enough. Each thread has children of its own. */
function withChildren(pid: number): number[] {
  const found = [pid]
  for (let at = 0; at < found.length && found.length <= ROOM_PROCESSES; at += 1)
    for (const thread of list(`/proc/${found[at]}/task`))
      for (const child of read(`/proc/${found[at]}/task/${thread}/children`).split(' '))
        if (child !== '') found.push(Number(child))
  return found
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return '' // gone since
  }
}

function list(path: string): string[] {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}
