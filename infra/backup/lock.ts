/** One of each kind at a time on a data folder; locks of processes that died count for nothing. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { AlreadyRunning, takeLock } from '../runner/pids.ts'

/** Part of the process's command line, by which a lock knows that its owner still runs. */
const MARK = 'infra/backup/main.ts'

/**
 * @param name `backup`: a whole one; `wal`: the log between two; `recent`: the documents between two
 * @returns lets it go, once; the other's process id when it is taken
 */
export function takePart(data: string, name: 'backup' | 'wal' | 'recent'): (() => void) | string {
  const folder = join(data, 'backup')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  try {
    const release = takeLock(join(folder, `${name}.pid`), MARK)
    let is_ours = true
    return () => {
      // By then it may be another's.
      if (is_ours) release()
      is_ours = false
    }
  } catch (cause) {
    if (cause instanceof AlreadyRunning) return cause.message
    throw cause
  }
}
