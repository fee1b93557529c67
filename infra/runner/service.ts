/** A process that is always there: connector, web. */
import { LogFile } from './log-file.ts'
import { type Command, end, keepRunning, launch } from './process.ts'

export type Service = { pid: () => number; stop: () => Promise<void> }

/**
 * Starts it and keeps it running.
 *
 * @param is_ready resolves when it does its work; asked at the first start only
 * @param patience milliseconds that it gets to end
 * @throws when it ends before it is ready
 */
export async function startService(
  name: string,
  command: Command,
  log_path: string,
  is_ready: (exited: Promise<unknown>) => Promise<void>,
  patience = 10_000
): Promise<Service> {
  const log = new LogFile(log_path)
  const kept = await keepRunning(
    async () => {
      const child = launch(command, log)
      const exited = new Promise((resolve) => child.once('exit', resolve).once('error', resolve))
      await is_ready(exited)
      return { exited, stop: () => end(child, patience), pid: child.pid ?? 0 }
    },
    (reason) => log.write(`${note(name, 'ended', reason)}\n`),
    () => log.write(`${note(name, 'started again', null)}\n`)
  )
  return {
    pid: () => kept.current().pid,
    stop: async () => {
      await kept.stop()
      await log.close()
    }
  }
}

const note = (name: string, event: string, reason: unknown): string =>
  JSON.stringify({
    time: new Date().toISOString(),
    level: 'warn',
    runner: name,
    event,
    reason: String(reason)
  })
