/** Starts MinIO on a folder and a loopback port, with its webhook and its encryption. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { endProcess, ownerOf } from '../runner/pids.ts'
import type { StoreProgram } from './find.ts'

/** What bucket notifications point at. */
export const WEBHOOK_ARN = 'arn:minio:sqs::PORTICO:webhook'
/** A queue of its own for what was read: much of it, and nobody waits for it. */
export const ACCESS_WEBHOOK_ARN = 'arn:minio:sqs::ACCESS:webhook'

/** Milliseconds from the start until it answers; a large store reads much at its start. */
const PATIENCE = 60_000

export type StoreOptions = {
  program: StoreProgram
  /** Objects lie in `<folder>/objects`, undelivered events in `<folder>/events`. */
  folder: string
  port: number
  root_user: string
  root_password: string
  /** Base64 of 32 bytes: objects are encrypted with keys below it (SSE-S3). */
  kms_key: string
  /** Where bucket events go, with `Authorization: Bearer <token>`. */
  webhook: { url: string; token: string } | null
  on_line?: (line: string) => void
}

export type StoreServer = {
  endpoint: string
  pid: number
  /** Resolves when the process is gone. May be called twice. */
  stop: () => Promise<void>
  /** Resolves when the process ends; `expected` if by stop(). */
  exited: Promise<{ code: number | null; signal: NodeJS.Signals | null; expected: boolean }>
}

/**
 * Starts the store and waits until it takes requests. One that a killed start left on the same folder is ended first.
 *
 * @throws with what it said when it ends before, or is not ready within a minute
 */
export async function startStore(options: StoreOptions): Promise<StoreServer> {
  for (const name of ['objects', 'events', 'access'])
    mkdirSync(join(options.folder, name), { recursive: true, mode: 0o700 })
  const folder = realpathSync(options.folder)
  const pidFile = join(folder, 'minio.pid')
  const left = ownerOf(pidFile, folder)
  if (left !== null) await endProcess(left)

  const child = launch(options, folder)
  try {
    writeFileSync(pidFile, `${child.pid ?? ''}\n`, { mode: 0o600 })
  } catch (error) {
    // Without it the next start would not find the process, and its port taken.
    child.once('error', () => undefined).kill('SIGKILL')
    throw error
  }
  let expected = false
  const exited: StoreServer['exited'] = new Promise((resolve) =>
    child.once('exit', (code, signal) => {
      rmSync(pidFile, { force: true })
      resolve({ code, signal, expected })
    })
  )
  const endpoint = `http://127.0.0.1:${options.port}`
  await ready(child, endpoint, options.on_line ?? (() => {}))
  return {
    endpoint,
    pid: child.pid ?? 0,
    stop: async () => {
      expected = true
      child.kill('SIGTERM')
      const force = setTimeout(() => child.kill('SIGKILL'), 10_000)
      await exited
      clearTimeout(force)
    },
    exited
  }
}

function launch(options: StoreOptions, folder: string): ChildProcess {
  const env = environment(options)
  // Its own session: Ctrl-C at the terminal is for the runner, which stops the store after its users.
  const common = { stdio: ['ignore', 'pipe', 'pipe'] as ('ignore' | 'pipe')[], detached: true }
  const { program, port } = options
  if (program.kind === 'binary') {
    env.MINIO_NOTIFY_WEBHOOK_QUEUE_DIR_PORTICO = join(folder, 'events')
    env.MINIO_NOTIFY_WEBHOOK_QUEUE_DIR_ACCESS = join(folder, 'access')
    const args = ['server', '--quiet', '--address', `127.0.0.1:${port}`, join(folder, 'objects')]
    return spawn(program.path, args, { ...common, env: { ...env, PATH: process.env.PATH, HOME: folder } })
  }
  env.MINIO_NOTIFY_WEBHOOK_QUEUE_DIR_PORTICO = '/portico/events'
  env.MINIO_NOTIFY_WEBHOOK_QUEUE_DIR_ACCESS = '/portico/access'
  const network = process.platform === 'linux' ? ['--network', 'host'] : ['-p', `127.0.0.1:${port}:${port}`]
  if (process.platform !== 'linux')
    for (const name of ['PORTICO', 'ACCESS']) {
      const key = `MINIO_NOTIFY_WEBHOOK_ENDPOINT_${name}`
      if (env[key]) env[key] = env[key].replace('127.0.0.1', 'host.docker.internal')
    }
  // Names only: the values come from docker's own environment and are not on its command line.
  const names = Object.keys(env).flatMap((name) => ['-e', name])
  const address = process.platform === 'linux' ? `127.0.0.1:${port}` : `:${port}`
  const run = ['run', '--rm', '--init', ...network, ...names, '-v', `${folder}:/portico`, program.image]
  return spawn(program.path, [...run, 'server', '--quiet', '--address', address, '/portico/objects'], {
    ...common,
    env: { ...process.env, ...env }
  })
}

function environment(options: StoreOptions): Record<string, string | undefined> {
  return {
    MINIO_ROOT_USER: options.root_user,
    MINIO_ROOT_PASSWORD: options.root_password,
    MINIO_KMS_SECRET_KEY: `portico:${options.kms_key}`,
    MINIO_BROWSER: 'off',
    MINIO_UPDATE: 'off',
    // Ours sweeps after a day; this is for what nobody knows of any more.
    MINIO_API_STALE_UPLOADS_EXPIRY: '48h',
    MINIO_SCANNER_SPEED: 'slow',
    GOGC: '50', // a third less memory at rest for a few per cent of CPU
    GOMEMLIMIT: '300MiB', // after a flood of uploads it gives back what it grew by
    ...(options.webhook && {
      ...webhook('PORTICO', options.webhook.url, options.webhook.token),
      ...webhook('ACCESS', `${options.webhook.url}/access`, options.webhook.token)
    })
  }
}

const webhook = (name: string, url: string, token: string): Record<string, string> => ({
  [`MINIO_NOTIFY_WEBHOOK_ENABLE_${name}`]: 'on',
  [`MINIO_NOTIFY_WEBHOOK_ENDPOINT_${name}`]: url,
  [`MINIO_NOTIFY_WEBHOOK_AUTH_TOKEN_${name}`]: token,
  // Each place costs 45 bytes at once, used or not; what does not fit is found by reconciliation.
  [`MINIO_NOTIFY_WEBHOOK_QUEUE_LIMIT_${name}`]: '100000'
})

async function ready(child: ChildProcess, endpoint: string, on_line: (line: string) => void): Promise<void> {
  const said: string[] = []
  for (const stream of [child.stdout, child.stderr])
    if (stream)
      createInterface({ input: stream }).on('line', (line) => {
        if (said.length < 20) said.push(line)
        on_line(line)
      })
  let ended = false
  child
    .once('exit', () => (ended = true))
    .once('error', (error) => {
      ended = true
      said.push(error.message)
    })
  for (const deadline = Date.now() + PATIENCE; Date.now() < deadline; await wait(20)) {
    if (ended) throw new Error(`The object store did not start: ${said.join(' ').trim()}`)
    const answer = await fetch(`${endpoint}/minio/health/ready`).catch(() => null)
    if (answer?.ok) return
  }
  child.kill('SIGKILL')
  throw new Error(`The object store was not ready within ${PATIENCE / 1000} s: ${said.join(' ').trim()}`)
}
