/**
 * A Docker engine for tests: the one that answers (DOCKER_HOST, or the usual socket), or one of the test's own where there
 * is a dockerd and the right to start it. Images are made of what this machine has; none is fetched.
 */
import { type SpawnSyncOptions, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, openSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

export type Engine = {
  /** Runs `docker …` and answers what it printed. Throws with the end of its errors. */
  docker: (...args: string[]) => string
  /** The same by a shell, where something is piped: `$DOCKER_HOST` is set. */
  shell: (script: string, options?: SpawnSyncOptions) => string
  env: NodeJS.ProcessEnv
  stop: () => Promise<void>
}

const answers = (env: NodeJS.ProcessEnv): boolean => spawnSync('docker', ['info'], { env }).status === 0
const has = (program: string): boolean => !spawnSync(program, ['--version']).error

/** Why there is no engine here, and none can be started; false when there is a way. */
export const noEngine: string | false = !has('docker')
  ? 'no docker on the PATH'
  : answers(process.env) || (has('dockerd') && process.getuid?.() === 0)
    ? false
    : 'no Docker engine answers, and none can be started here'

/** Throws when dockerd does not come up. */
export async function openEngine(): Promise<Engine> {
  if (answers(process.env)) return engineOf(process.env, async () => {})
  const folder = mkdtempSync(join(tmpdir(), 'portico-docker-'))
  const socket = `unix://${join(folder, 'sock')}`
  const log = openSync(join(folder, 'log'), 'w')
  const at = (name: string, place: string) => [`--${name}`, join(folder, place)]
  const args = ['-H', socket, ...at('data-root', 'data'), ...at('exec-root', 'run'), ...at('pidfile', 'pid')]
  const child = spawn('dockerd', args, { stdio: ['ignore', log, log] })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  const stop = async () => {
    child.kill('SIGTERM')
    await ended
    rmSync(folder, { recursive: true, force: true })
  }
  const env = { ...process.env, DOCKER_HOST: socket }
  for (let i = 0; i < 100 && child.exitCode === null; i += 1, await wait(200))
    if (answers(env)) return engineOf(env, stop)
  const said = spawnSync('tail', ['-n', '5', join(folder, 'log')], { encoding: 'utf8' }).stdout
  await stop()
  throw new Error(`dockerd does not come up: ${said}`)
}

function engineOf(env: NodeJS.ProcessEnv, stop: Engine['stop']): Engine {
  const run = (program: string, args: string[], options: SpawnSyncOptions = {}): string => {
    const done = spawnSync(program, args, {
      ...options,
      // No BuildKit: it wants a plugin that distributions pack apart. The Dockerfile is one for both.
      env: { ...env, DOCKER_BUILDKIT: '0', ...options.env },
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024
    })
    if (done.status === 0) return String(done.stdout)
    const said = `${done.stdout}${done.stderr}${done.error?.message ?? ''}`
    throw new Error(`${program} ${args.join(' ').slice(0, 300)}: ${said.slice(-4_000)}`)
  }
  return {
    docker: (...args) => run('docker', args),
    shell: (script, options) => run('bash', ['-o', 'pipefail', '-ec', script], options),
    env,
    stop
  }
}
