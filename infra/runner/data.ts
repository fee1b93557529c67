/** The data folder: everything that a Portico keeps, for one process at a time. */
import { chmodSync, existsSync, mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { CannotStart } from './options.ts'
import { AlreadyRunning, takeLock } from './pids.ts'

/** Part of the runner's command line; another program that was given the old process id does not have it. */
const MARK = 'infra/runner/main.ts'

/** Lies in a folder as long as a restore into it is not at its end: half of a portal must not start. */
export const UNFINISHED = 'restore-unfinished'

export type DataFolder = { path: string; logs: string; release: () => void }

/**
 * Makes the folder if need be and takes it.
 *
 * @throws CannotStart when another start works on it, or when it is somebody else's
 */
export function openData(path: string): DataFolder {
  if (existsSync(path) && !statSync(path).isDirectory()) throw new CannotStart(`${path} is not a folder.`)
  if (existsSync(join(path, UNFINISHED)))
    throw new CannotStart(
      `A restore into ${path} did not come to its end: empty the folder and restore again.`
    )
  mkdirSync(path, { recursive: true, mode: 0o700 })
  // As root the database runs as another user, who must pass through; what lies inside stays closed to others.
  chmodSync(path, process.getuid?.() === 0 ? 0o711 : 0o700)
  const logs = join(path, 'logs')
  mkdirSync(logs, { recursive: true, mode: 0o700 })
  try {
    return { path, logs, release: takeLock(join(path, 'runner.pid'), MARK) }
  } catch (error) {
    if (error instanceof AlreadyRunning)
      throw new CannotStart(
        `Portico already runs on ${path} (process ${error.message}): use that one, or --data DIR.`
      )
    throw error
  }
}
