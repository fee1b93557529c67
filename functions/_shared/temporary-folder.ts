/** A folder below /tmp, the only place that a container may write to: gone with the process, and after a kill with the next one. */
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Makes `<tmp>/portico-NAME-PID`, empty, for this process alone, and removes it at its exit. Throws away those that
 * killed processes of the same name left: nobody else would, and a preview's input may have a GiB.
 *
 * @param name lower-case letters
 */
export function temporaryFolder(name: string): string {
  const prefix = `portico-${name}-`
  for (const entry of readdirSync(tmpdir())) {
    const pid = entry.startsWith(prefix) ? Number(entry.slice(prefix.length)) : Number.NaN
    // In a container every process is number 1: what lies there by our own number is a predecessor's.
    if (Number.isSafeInteger(pid) && (pid === process.pid || !isAlive(pid))) remove(join(tmpdir(), entry))
  }
  const folder = join(tmpdir(), `${prefix}${process.pid}`)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  process.once('exit', () => remove(folder))
  return folder
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

function remove(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true })
  } catch {
    // Another person's: not ours to clear away.
  }
}
