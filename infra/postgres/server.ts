/** Starts and stops the real PostgreSQL on a data folder and a loopback port. */
import { type ChildProcess, spawn } from 'node:child_process'
import { chownSync, existsSync, mkdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  type Binaries,
  CannotStartPostgres,
  findBinaries,
  postgresUser,
  requireTraversable
} from './binaries.ts'
import type { RunAs } from './binaries.ts'
import { DATABASE, type Passwords, type Role, SUPERUSER, databaseUrl } from './roles.ts'
import { takeOver } from './takeover.ts'

export { CannotStartPostgres } from './binaries.ts'

/** Modest: an office's server on a machine that does other things too. Durability stays as it comes: on. */
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '120',
  shared_buffers: '32MB',
  jit: 'off', // its warm-up costs more than any of our queries
  io_method: 'sync', // no three standing I/O workers
  wal_keep_size: '0',
  max_wal_size: '256MB',
  log_min_messages: 'warning',
  log_line_prefix: '',
  lc_messages: 'C' // the readiness line below is looked for in English
}

export type StartOptions = {
  /** The data folder; made and initialised when it is not there. */
  data: string
  /** 0: any free port. */
  port: number
  passwords: Passwords
  /** Further settings of postgresql.conf. */
  settings?: Record<string, string>
  /** What the server says: warnings and worse, a line at a time. */
  on_line?: (line: string) => void
}

export type PostgresServer = {
  port: number
  pid: number
  /** A connection URL; the database is `portico` for our roles and `postgres` for the superuser unless named. */
  url: (role: Role | typeof SUPERUSER, database?: string) => string
  /** Fast shutdown; resolves when the process is gone. May be called twice. */
  stop: () => Promise<void>
  /** Resolves when the process ends, for whatever reason; `expected` if by stop(). */
  exited: Promise<{ code: number | null; signal: NodeJS.Signals | null; expected: boolean }>
}

/**
 * Starts the server and waits until it takes connections. A server that an earlier, killed starter left on the same
 * folder is stopped first.
 *
 * @throws CannotStartPostgres with one sentence for the person at the terminal
 */
export async function startPostgres(options: StartOptions): Promise<PostgresServer> {
  const binaries = await findBinaries()
  const user = postgresUser()
  requireTraversable(binaries.postgres, user)
  requireTraversable(options.data, user)
  makeFolder(options.data, user)
  const data = realpathSync(options.data)
  await takeOver(data)
  if (!existsSync(join(data, 'PG_VERSION')))
    await initialise(binaries, data, user, options.passwords[SUPERUSER])
  const port = await probePort(options.port)

  const settings = Object.entries({ ...SETTINGS, ...options.settings }).map(
    ([key, value]) => `-c${key}=${value}`
  )
  const child = await launch(
    binaries.postgres,
    ['-D', data, '-p', String(port), ...settings],
    user,
    options.on_line
  )
  let expected = false
  const exited: PostgresServer['exited'] = new Promise((resolve) =>
    child.once('exit', (code, signal) => resolve({ code, signal, expected }))
  )
  return {
    port,
    pid: child.pid ?? 0,
    url: (role, database = role === SUPERUSER ? 'postgres' : DATABASE) =>
      databaseUrl(port, role, options.passwords[role], database),
    stop: async () => {
      expected = true
      child.kill('SIGINT')
      await exited
    },
    exited
  }
}

function makeFolder(data: string, user: RunAs): void {
  if (existsSync(data)) return
  mkdirSync(data, { recursive: true, mode: 0o700 })
  if (user.uid !== undefined && user.gid !== undefined) chownSync(data, user.uid, user.gid)
}

/** Text sorts and compares by code point, the same on every machine; names have a collation of their own. */
async function initialise(binaries: Binaries, data: string, user: RunAs, password: string): Promise<void> {
  const file = join(dirname(data), `.postgres-password-${process.pid}`)
  writeFileSync(file, password, { mode: 0o600 })
  if (user.uid !== undefined && user.gid !== undefined) chownSync(file, user.uid, user.gid)
  try {
    const flags = [
      `--pgdata=${data}`,
      `--pwfile=${file}`,
      `--username=${SUPERUSER}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--no-instructions'
    ]
    const child = spawn(binaries.initdb, flags, { ...user, stdio: ['ignore', 'ignore', 'pipe'] })
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (said += chunk))
    const code = await new Promise<number | null>((resolve, reject) =>
      child.once('error', reject).once('close', resolve)
    )
    if (code !== 0)
      throw new CannotStartPostgres(`The database folder ${data} could not be made: ${said.trim()}`)
  } finally {
    rmSync(file, { force: true })
  }
}

/** A free port, or the asked one if nobody listens there: postgres itself would say so only in its log. */
async function probePort(port: number): Promise<number> {
  const probe = createServer()
  return new Promise((resolve, reject) => {
    probe.once('error', (cause) =>
      reject(new CannotStartPostgres(`Port ${port} for the database is taken by another program.`, { cause }))
    )
    probe.listen(port, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : port))
    })
  })
}

/** Starts the program until it takes connections. */
async function launch(
  program: string,
  args: string[],
  user: RunAs,
  on_line = (_line: string) => {}
): Promise<ChildProcess> {
  for (let tries = 1; ; tries += 1) {
    const child = spawn(program, args, {
      ...user,
      detached: true, // Ctrl-C at the terminal is for the starter, which stops us last
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { PATH: process.env.PATH, TZ: 'UTC' }
    })
    const failed = await ready(child, on_line)
    if (failed === null) return child
    // After a kill -9 a child of the old server may still be at work; two on the same data would ruin it.
    if (!failed.includes('pre-existing shared memory block') || tries > 300)
      throw new CannotStartPostgres(`PostgreSQL did not start: ${failed}`)
    await sleep(100)
  }
}

/** Null when the server says that it takes connections; what it said if it ended before. */
async function ready(child: ChildProcess, on_line: (line: string) => void): Promise<string | null> {
  if (!child.stderr) throw new Error('postgres was started without stderr')
  const said: string[] = []
  const lines = createInterface({ input: child.stderr })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', () => resolve(said.join(' ')))
    lines.on('line', (line) => {
      if (line.includes('database system is ready to accept connections')) return resolve(null)
      if (said.length < 20) said.push(line)
      if (!line.startsWith('LOG:')) on_line(line)
    })
  })
}
