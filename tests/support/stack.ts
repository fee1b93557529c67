/** The whole portal as `npm start -- --demo` runs it, for journeys, benches and kill tests. Real parts, a folder of its own. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import pg from 'pg'
import type { Demo, DemoPerson } from '../../infra/demo/seed.ts'

export type Stack = {
  origin: string
  data: string
  demo: Demo
  process: ChildProcess
  /** A person of the demo firm by a part of their name. Throws when there is none. */
  person: (name: string) => DemoPerson
  /** The end of what it has said. */
  said: () => string
  stop: () => Promise<void>
}

export type StackOptions = {
  /** Where another version of the portal lies; this one without it. */
  root?: string
  data?: string
  keep?: boolean
  demo?: boolean
  env?: Record<string, string>
  timeout_seconds?: number
  /** Ctrl-C at the terminal is for the test alone, which then ends the portal. */
  detached?: boolean
}

/** Where the folder of a demo firm lies that was made before, for all test files of a run. */
const MADE = 'PORTICO_TEST_DEMO'

/**
 * Makes the demo firm once; until the returned function is called every `startStack` of this process and its children
 * begins with a copy of it.
 */
export async function offerDemo(): Promise<() => void> {
  const stack = await startStack({ keep: true })
  const remove = () => {
    delete process.env[MADE]
    rmSync(stack.data, { recursive: true, force: true })
  }
  try {
    await untilQuiet(stack.data)
    await stack.stop()
  } catch (error) {
    await stack.stop()
    remove()
    throw error
  }
  process.env[MADE] = stack.data
  return remove
}

/** Lays a copy of the demo firm that was made before into a folder; where none was, a start makes it. */
export function layFirm(data: string): void {
  const made = process.env[MADE]
  if (!made) return
  // As it is, owners too: the database's files are another user's where tests run as root.
  execFileSync('cp', ['-a', `${made}/.`, data])
  // Two that start at the same moment would both find its ports free.
  rmSync(join(data, 'ports.json'), { force: true })
}

/** Waits until what was sent is ready and told. */
export async function untilQuiet(data: string): Promise<void> {
  const database = new pg.Client({
    connectionString: readFileSync(join(data, 'mounts/connector/db-pipeline'), 'utf8').trim()
  })
  await database.connect()
  try {
    for (const deadline = Date.now() + 90_000; Date.now() < deadline; await wait(200)) {
      const { rows } = await database.query(
        `select from version where state not in ('ready', 'held')
         union all select from job where state in ('ready', 'active') and kind in ('scan', 'preview', 'index', 'notices')`
      )
      if (rows.length === 0) return
    }
    throw new Error('the demo firm was not ready in time')
  } finally {
    await database.end()
  }
}

/**
 * Starts the portal on a free port and waits until it says that it is ready. Throws with the end of its output when it
 * does not within `timeout_seconds` (300: the object store may have to be built first).
 */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const data = options.data ?? mkdtempSync(join(tmpdir(), 'portico-stack-'))
  const demo = options.demo ?? true
  if (demo && options.data === undefined) layFirm(data)
  const child = spawn(
    process.execPath,
    ['infra/start.mjs', '--port', '0', '--data', data, ...(demo ? ['--demo'] : [])],
    {
      ...(options.root && { cwd: options.root }),
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...options.env },
      detached: options.detached ?? false
    }
  )
  let output = ''
  child.stdout.on('data', (chunk) => (output += chunk))
  child.stderr.on('data', (chunk) => (output += chunk))

  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGINT')
      const patience = wait(30_000, undefined, { ref: false }).then(() => child.kill('SIGKILL'))
      await Promise.race([ended, patience])
    }
    if (!options.keep) rmSync(data, { recursive: true, force: true })
  }

  const origin = await readyAt(child, () => output, options.timeout_seconds ?? 300).catch(async (error) => {
    await stop()
    throw error
  })
  const people: Demo = demo
    ? JSON.parse(readFileSync(join(data, 'demo.json'), 'utf8'))
    : { address: origin, people: [] }
  const person = (name: string): DemoPerson => {
    const found = people.people.find((one) => one.name.includes(name))
    if (!found) throw new Error(`${name} is not in the demo firm`)
    return found
  }
  return { origin, data, demo: people, process: child, person, said: () => output.slice(-4_000), stop }
}

async function readyAt(child: ChildProcess, output: () => string, seconds: number): Promise<string> {
  for (const deadline = Date.now() + seconds * 1000; Date.now() < deadline; await wait(50)) {
    const address = /Portico is ready: (\S+)/.exec(output())?.[1]
    if (address) return address
    if (child.exitCode !== null) break
  }
  throw new Error(`the portal did not start:\n${output().slice(-4_000)}`)
}
