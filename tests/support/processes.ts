/** Processes of this machine, found by their command lines. Linux only: tests that use it say so. */
import { readFileSync, readdirSync } from 'node:fs'

/** Those whose command line fits; with `ancestor`, only it and what descends from it. */
export function processesOf(fits: (line: string) => boolean, ancestor?: number): number[] {
  return readdirSync('/proc').flatMap((name) => {
    const pid = Number(name)
    if (!pid) return []
    try {
      const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
      return fits(line) && (ancestor === undefined || descends(pid, ancestor)) ? [pid] : []
    } catch {
      return [] // it ended while we looked
    }
  })
}

function descends(pid: number, ancestor: number): boolean {
  for (let at = pid; at > 1;) {
    if (at === ancestor) return true
    const stat = readFileSync(`/proc/${at}/stat`, 'utf8')
    at = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
  }
  return false
}
