/** One child process: started, logged, started again when it dies, ended when we end. */
import { type ChildProcess, spawn } from 'node:child_process'
import { Readable } from 'node:stream'
import type { LogFile } from './log-file.ts'

/** Milliseconds between a death and the next start; doubles while it keeps dying, and is forgotten after `SETTLED`. */
const BACK_OFF = { first: 100, last: 10_000 }
const SETTLED = 30_000

export type Command = {
  args: string[]
  env: Record<string, string | undefined>
  cwd?: string
  /** Stands before it in place of our own Node: the walls of a room, whose fourth stream tells the process id. */
  before?: string[]
}

/**
 * Starts a script of ours under the same Node. Its own session, so that Ctrl-C is for us alone; its stdin is a pipe
 * that closes when we die, however we die, and then it ends too.
 */
export function launch(command: Command, log: LogFile): ChildProcess {
  const [program = '', ...walls] = command.before ?? [process.execPath]
  const args = [...walls, '--disable-warning=ExperimentalWarning', ...command.args]
  const child = spawn(program, args, {
    cwd: command.cwd,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe', ...(command.before ? (['pipe'] as const) : [])],
    // Nothing of our own environment but what it needs to run at all.
    env: {
      PATH: process.env.PATH,
      TZ: process.env.TZ,
      NODE_ENV: 'production',
      PORTICO_STDIN: 'watch',
      ...command.env
    }
  })
  log.take(child.stdout)
  log.take(child.stderr)
  child.stdin?.on('error', () => undefined)
  return child
}

/** The process id of what runs in a room, as seen from here (bwrap's --info-fd); the child's own when there is none. */
export async function pidInside(child: ChildProcess): Promise<number> {
  const info = child.stdio[3]
  let said = ''
  try {
    if (info instanceof Readable) for await (const chunk of info) said += String(chunk)
  } catch {
    // It ended before it could say anything.
  }
  return Number(/"child-pid": (\d+)/.exec(said)?.[1] ?? child.pid ?? 0)
}

/** To the process itself: walls that are ended take it along, without a word. */
export function signal(child: ChildProcess, pid: number, name: NodeJS.Signals): void {
  try {
    if (pid > 0 && pid !== child.pid) process.kill(pid, name)
    else child.kill(name)
  } catch {
    // It has gone.
  }
}

/** Ends a child: SIGTERM, after `patience` milliseconds SIGKILL. Resolves when it is gone. */
export async function end(child: ChildProcess, patience: number, pid = child.pid ?? 0): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  signal(child, pid, 'SIGTERM')
  const force = setTimeout(() => signal(child, pid, 'SIGKILL'), patience)
  await gone
  clearTimeout(force)
}

/** The next pause after one of `pause` milliseconds (0: there was none yet). */
export const longer = (pause: number): number => Math.min(Math.max(pause * 2, BACK_OFF.first), BACK_OFF.last)

/**
 * Keeps something running until it is stopped.
 *
 * @param start resolves when it runs; `exited` resolves when it no longer does
 * @param on_death told each time it ended by itself, and when a start failed
 */
export async function keepRunning<T extends { exited: Promise<unknown>; stop: () => Promise<void> }>(
  start: () => Promise<T>,
  on_death: (reason: unknown) => void,
  on_return: (running: T) => void = () => {}
): Promise<{ current: () => T; stop: () => Promise<void> }> {
  let running = await start()
  let stopped = false
  let pause = 0
  let wakeUp = () => {}

  const watch = async () => {
    for (let since = Date.now(); ; since = Date.now()) {
      const reason = await running.exited
      if (stopped) return
      on_death(reason)
      pause = Date.now() - since > SETTLED ? 0 : pause
      if (!(await startAgain())) return
    }
  }
  const startAgain = async (): Promise<boolean> => {
    for (;;) {
      pause = longer(pause)
      await new Promise<void>((resolve) => {
        wakeUp = resolve
        setTimeout(resolve, pause)
      })
      if (stopped) return false
      try {
        running = await start()
      } catch (error) {
        on_death(error)
        continue
      }
      if (stopped) await running.stop()
      else on_return(running)
      return !stopped
    }
  }
  const watching = watch()
  return {
    current: () => running,
    stop: async () => {
      stopped = true
      wakeUp()
      await running.stop()
      await watching
    }
  }
}
