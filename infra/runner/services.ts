/** The two processes beside the functions: web and connector. */
import { get } from 'node:http'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { DataFolder } from './data.ts'
import { LogFile } from './log-file.ts'
import { type Command, end, keepRunning, launch } from './process.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** Milliseconds that they get to end; jobs that are cut off come due again by themselves. */
const PATIENCE = 8_000

export type Surroundings = {
  folder: DataFolder
  /** Makes a folder with exactly these secrets; its path. */
  mount: (process: string, names: string[]) => string
  env: Record<string, string>
}

type Service = { stop: () => Promise<void> }

/** Resolves when it answers. Throws when it ends before. */
export function startWeb(around: Surroundings, port: number): Promise<Service> {
  const command: Command = {
    args: [join(ROOT, 'web/build/index.js')],
    cwd: join(ROOT, 'web'),
    env: {
      ...around.env,
      HOST: '127.0.0.1',
      PORT: String(port),
      secret_mount_path: around.mount('web', ['edge-token', 'db-web']),
      NODE_COMPILE_CACHE: join(around.folder.path, 'cache/web')
    }
  }
  return startService('web', command, around.folder.logs, (exited) =>
    answersAt(`http://127.0.0.1:${port}/robots.txt`, exited)
  )
}

/** Resolves at once: nobody waits for the first job. `more`: environment of its own: the way to functions, what it tells of itself. */
export function startConnector(around: Surroundings, more: Record<string, string>): Promise<Service> {
  const command: Command = {
    args: [join(ROOT, 'infra/connector/main.ts')],
    cwd: ROOT,
    env: {
      ...around.env,
      FUNCTION: 'connector',
      ...more,
      secret_mount_path: around.mount('connector', [
        'db-pipeline',
        'store-pipeline',
        'job-signing-key',
        'data-key'
      ]),
      NODE_COMPILE_CACHE: join(around.folder.path, 'cache/connector')
    }
  }
  return startService('connector', command, around.folder.logs, async () => {})
}

/** Starts it and keeps it running; `is_ready` resolves when it does its work. */
async function startService(
  name: string,
  command: Command,
  logs: string,
  is_ready: (exited: Promise<unknown>) => Promise<void>
): Promise<Service> {
  const log = new LogFile(join(logs, `${name}.log`))
  const note = (event: string, reason: unknown) =>
    log.write(
      `${JSON.stringify({ time: new Date().toISOString(), level: 'warn', runner: name, event, reason: String(reason) })}\n`
    )
  const kept = await keepRunning(
    async () => {
      const child = launch(command, log)
      const exited = new Promise((resolve) => child.once('exit', resolve).once('error', resolve))
      await is_ready(exited)
      return { exited, stop: () => end(child, PATIENCE) }
    },
    (reason) => note('ended', reason)
  )
  return {
    stop: async () => {
      await kept.stop()
      await log.close()
    }
  }
}

/** Resolves when something answers there; throws when the process has ended before. */
async function answersAt(url: string, exited: Promise<unknown>): Promise<void> {
  let ended = false
  void exited.then(() => (ended = true))
  for (;;) {
    if (ended) throw new Error(`the process behind ${url} ended while it started: see its log`)
    const there = await new Promise<boolean>((resolve) => {
      get(url, (response) => {
        response.resume()
        resolve(true)
      }).on('error', () => resolve(false))
    })
    if (there) return
    await wait(10)
  }
}
