/** Processes by their ids, as pid files of an earlier start name them. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { setTimeout as wait } from 'node:timers/promises'

/** Whether it runs; a zombie that its parent has not collected yet does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
  try {
    return !/\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return true // no /proc (macOS): it answers signals, so it lives
  }
}

/** The command line, or '' when there is none to be had. */
export function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch {
    return spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).stdout ?? ''
  }
}

/** The process that a pid file names, if it still runs and its command line contains `mark`: pids are used again. */
export function ownerOf(file: string, mark: string): number | null {
  let pid: number
  try {
    pid = Number.parseInt(readFileSync(file, 'utf8'), 10)
  } catch {
    return null
  }
  return pid > 1 && isAlive(pid) && commandOf(pid).includes(mark) ? pid : null
}

/** Ends what an earlier start left running: politely, after 10 s by force. Resolves when it is gone. */
export async function endProcess(pid: number): Promise<void> {
  process.kill(pid, 'SIGTERM')
  for (let waited = 0; isAlive(pid); waited += 50) {
    if (waited === 10_000) process.kill(pid, 'SIGKILL')
    if (waited > 20_000) throw new Error(`process ${pid} of an earlier start does not end`)
    await wait(50)
  }
}

/** Another start works on the same data folder. */
export class AlreadyRunning extends Error {}

/**
 * Takes a data folder for this process.
 *
 * @returns lets it go again
 * @throws AlreadyRunning with the other's process id
 */
export function takeLock(file: string, mark: string): () => void {
  for (;;) {
    try {
      writeFileSync(file, `${process.pid}\n`, { flag: 'wx', mode: 0o600 })
      return () => rmSync(file, { force: true })
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
      const owner = ownerOf(file, mark)
      if (owner !== null && owner !== process.pid) throw new AlreadyRunning(String(owner))
      rmSync(file, { force: true })
    }
  }
}
