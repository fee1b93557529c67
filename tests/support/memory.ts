/** What processes weigh. Linux: by /proc. */
import { readFileSync, readdirSync } from 'node:fs'

/** Processes below `root`, itself included. */
function descendants(root: number): number[] {
  const parents = new Map<number, number>()
  for (const entry of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8')
      parents.set(Number(entry), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]))
    } catch {
      // It ended while we looked.
    }
  }
  const found = [root]
  for (const pid of found) for (const [child, parent] of parents) if (parent === pid) found.push(child)
  return found
}

/** Proportional set size in bytes: shared pages are counted once over all who share them. */
function pss(pid: number): number {
  try {
    return (
      Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0) * 1024
    )
  } catch {
    return 0
  }
}

/** Bytes (PSS) of a process and of all that it started. */
export const weightOf = (root: number): number =>
  descendants(root).reduce((total, pid) => total + pss(pid), 0)
