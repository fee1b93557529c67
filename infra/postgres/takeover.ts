/** What a starter that died (kill -9, power) left behind: a running server or a stale postmaster.pid. */
import { existsSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { spawnSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}

/** Gone, or a zombie that its new parent has not collected yet. */
function isDead(pid: number): boolean {
  if (isGone(pid)) return true
  try {
    return /\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false // no /proc (macOS): it answers signals, so it lives
  }
}

/** The pid may have been given to somebody else since: only a command line that names our folder is ours. */
function isOurs(pid: number, data: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(data)
  } catch {
    return spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).stdout.includes(data)
  }
}

/**
 * Stops the server that a dead starter left on this data folder, or removes a pid file that would mislead a new one, so that it can start.
 *
 * @returns what was found
 * @throws when that server does not stop within 30 s
 */
export async function takeOver(data: string): Promise<'nothing' | 'a running server' | 'a stale pid file'> {
  const file = join(data, 'postmaster.pid')
  if (!existsSync(file)) return 'nothing'
  const pid = Number.parseInt(readFileSync(file, 'utf8'), 10)
  const folder = realpathSync(data)
  // Gone: the server itself removes the file, once no child of the old one still works on the data.
  if (isGone(pid)) return 'a stale pid file'
  // A zombie, or somebody else who was given the number since: the server would believe it to be its elder.
  if (!(pid > 1) || isDead(pid) || !isOurs(pid, folder)) {
    rmSync(file, { force: true })
    return 'a stale pid file'
  }
  process.kill(pid, 'SIGINT') // fast shutdown: sessions are ended, everything committed is kept
  for (let waited = 0; !isDead(pid); waited += 50) {
    if (waited > 30_000) throw new Error(`the server left by an earlier start (process ${pid}) does not stop`)
    await sleep(50)
  }
  rmSync(file, { force: true })
  return 'a running server'
}
