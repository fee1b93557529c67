/** Whether a program that reads and writes still gets anywhere, by what the kernel counts of it. */
import { readFileSync } from 'node:fs'

/** Looks within its patience: what passes while a machine sleeps is not held against it. */
const LOOKS = 20

/** Bytes within its patience that are more than a program's small talk: restic renews its lock every five minutes. */
const LEAST = 64 * 1024

/** Bytes that a process has read and written so far, files and lines alike; null where the kernel does not tell (macOS). */
function movedBy(pid: number): number | null {
  try {
    const facts = readFileSync(`/proc/${pid}/io`, 'utf8')
    return ['rchar', 'wchar'].reduce(
      (sum, name) => sum + Number(new RegExp(`^${name}: (\\d+)$`, 'm').exec(facts)?.[1]),
      0
    )
  } catch {
    return null
  }
}

export type Progress = {
  /** Bytes that it wrote for us to read about how far it is: no progress in themselves. */
  said: number
  /** How far it says it is. */
  step: string
}

/**
 * Looks after a process until the returned function is called.
 *
 * @param patience milliseconds in which nothing happens until `on_silent` is called, once
 */
export function watchSilence(
  pid: number,
  patience: number,
  progress: () => Progress,
  on_silent: () => void
): () => void {
  let [moved, step, looks] = [0, '', 0]
  const timer = setInterval(() => {
    const all = movedBy(pid)
    if (all === null) return
    const now = progress()
    if (all - now.said - moved >= LEAST || now.step !== step) {
      moved = all - now.said
      step = now.step
      looks = 0
      return
    }
    looks += 1
    if (looks < LOOKS) return
    clearInterval(timer)
    on_silent()
  }, patience / LOOKS)
  return () => clearInterval(timer)
}
